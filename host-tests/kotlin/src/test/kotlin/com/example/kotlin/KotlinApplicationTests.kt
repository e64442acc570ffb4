package com.example.kotlin

import io.github.apikeys.core.ApiKeyService
import io.github.apikeys.core.NewApiKey
import io.github.apikeys.test.ApiKeyRequestPostProcessors.apiKey
import io.github.apikeys.test.WithMockApiKey
import kotlinx.coroutines.runBlocking
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatExceptionOfType
import org.junit.jupiter.api.Test
import org.springframework.beans.factory.annotation.Autowired
import org.springframework.boot.test.context.SpringBootTest
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc
import org.springframework.http.HttpHeaders
import org.springframework.security.access.AccessDeniedException
import org.springframework.security.authentication.AuthenticationCredentialsNotFoundException
import org.springframework.test.web.servlet.assertj.MockMvcTester

@SpringBootTest
@AutoConfigureMockMvc
class KotlinApplicationTests(
	@Autowired private val mvc: MockMvcTester,
	@Autowired private val devices: DeviceService,
	@Autowired private val controller: DeviceController,
	@Autowired private val firmware: FirmwareService,
	@Autowired private val apiKeys: ApiKeyService,
) {

	@Test
	fun `key of a device opens what is for devices, in the header of the chain only`() {
		val token = devices.register("thermometer").token()
		assertThat(token).startsWith("dev_")
		assertThat(mvc.get().uri("/api/device").header("X-Device-Key", token)).hasStatusOk()
			.bodyText()
			.isEqualTo("thermometer")
		assertThat(mvc.get().uri("/api/firmware").header("X-Device-Key", token)).hasStatusOk()
		assertThat(mvc.get().uri("/api/device").header("X-API-Key", token)).hasStatus(401)
	}

	@Test
	fun `key of another type is forbidden`() {
		val token = apiKeys.create(NewApiKey.named("no device")).token()
		assertThat(token).startsWith("ak_")
		assertThat(mvc.get().uri("/api/device").header("X-Device-Key", token)).hasStatus(403)
		assertThat(mvc.get().uri("/api/firmware").header("X-Device-Key", token)).hasStatus(403)
	}

	@Test
	fun `nullable key is null without one`() {
		val token = devices.register("hygrometer").token()
		assertThat(mvc.get().uri("/hello")).hasStatusOk().bodyText().isEqualTo("Hello, stranger")
		assertThat(mvc.get().uri("/hello").header("X-Device-Key", token)).hasStatusOk()
			.bodyText()
			.isEqualTo("Hello, key of hygrometer")
		assertThat(mvc.get().uri("/hello").header("X-Device-Key", token + "x")).hasStatus(401)
	}

	@Test
	fun `key that nobody created has the scopes that the test says`() {
		assertThat(mvc.post().uri("/api/readings").content("21").with(apiKey().scopes("readings:write").displayName("d")))
			.hasStatusOk()
			.bodyText()
			.isEqualTo("21 from d")
		assertThat(mvc.post().uri("/api/readings").content("21").with(apiKey())).hasStatus(403)
		assertThat(mvc.get().uri("/api/reports").with(apiKey().scopes("reports:read"))).hasStatusOk()
		assertThat(mvc.get().uri("/api/reports").with(apiKey().scopes("readings:write"))).hasStatus(403)
		assertThat(mvc.get().uri("/api/firmware").with(apiKey().type(DeviceApiKey::class.java))).hasStatusOk()
	}

	@Test
	fun `entity of a created key comes with the request`() {
		val created = devices.register("barometer")
		assertThat(mvc.get().uri("/api/device").with(apiKey(created.apiKey()))).hasStatusOk()
			.bodyText()
			.isEqualTo("barometer")
	}

	@Test
	@WithMockApiKey(scopes = ["readings:write"])
	fun `methods are called without HTTP`() {
		assertThat(controller.reports()).isEqualTo("reports")
		assertThatExceptionOfType(AccessDeniedException::class.java)
			.isThrownBy { controller.device(DeviceApiKey(Device("d"))) }
	}

	@Test
	fun `suspending handler requires its key`() {
		val reader = apiKeys.create(NewApiKey.named("reader").scopes("readings:read")).token()
		val writer = apiKeys.create(NewApiKey.named("writer").scopes("readings:write")).token()
		assertThat(mvc.get().uri("/api/readings")).hasStatus(401)
		assertThat(mvc.get().uri("/api/readings").header("X-Device-Key", writer)).hasStatus(403)
			.headers()
			.hasHeaderSatisfying(HttpHeaders.WWW_AUTHENTICATE) {
				assertThat(it.toString()).contains("scope=\"readings:read\"")
			}
		assertThat(mvc.get().uri("/api/readings").header("X-Device-Key", reader)).hasStatusOk()
			.bodyText()
			.isEqualTo("latest for reader")
	}

	@Test
	fun `suspending function of a bean without a key is denied`() {
		assertThatExceptionOfType(AuthenticationCredentialsNotFoundException::class.java)
			.isThrownBy { runBlocking { firmware.publish("2") } }
	}

	@Test
	@WithMockApiKey(scopes = ["firmware:read"])
	fun `suspending function of a bean with a key without the scope is denied`() {
		assertThatExceptionOfType(AccessDeniedException::class.java)
			.isThrownBy { runBlocking { firmware.publish("2") } }
	}

	@Test
	@WithMockApiKey(scopes = ["firmware:write"])
	fun `suspending function of a bean with the scope is permitted`() {
		assertThat(runBlocking { firmware.publish("2") }).isEqualTo("published 2")
	}

}
