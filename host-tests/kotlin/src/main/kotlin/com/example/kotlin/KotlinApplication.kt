package com.example.kotlin

import io.github.apikeys.core.ApiKey
import io.github.apikeys.core.ApiKeyPrincipal
import io.github.apikeys.core.ApiKeyService
import io.github.apikeys.core.CreatedApiKey
import io.github.apikeys.core.NewApiKey
import io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKey
import io.github.apikeys.security.ApiKeyConfigurer.apiKey
import io.github.apikeys.security.CurrentApiKey
import io.github.apikeys.security.HasApiKey
import jakarta.persistence.DiscriminatorValue
import jakarta.persistence.Entity
import jakarta.persistence.GeneratedValue
import jakarta.persistence.Id
import jakarta.persistence.ManyToOne
import jakarta.persistence.Table
import kotlinx.coroutines.delay
import org.springframework.boot.autoconfigure.SpringBootApplication
import org.springframework.boot.runApplication
import org.springframework.context.annotation.Bean
import org.springframework.context.annotation.Configuration
import org.springframework.data.jpa.repository.JpaRepository
import org.springframework.security.config.annotation.web.builders.HttpSecurity
import org.springframework.security.config.annotation.web.invoke
import org.springframework.security.config.http.SessionCreationPolicy
import org.springframework.security.web.SecurityFilterChain
import org.springframework.stereotype.Service
import org.springframework.transaction.annotation.Transactional
import org.springframework.web.bind.annotation.GetMapping
import org.springframework.web.bind.annotation.PostMapping
import org.springframework.web.bind.annotation.RequestBody
import org.springframework.web.bind.annotation.RestController

@SpringBootApplication
class KotlinApplication

fun main(args: Array<String>) {
	runApplication<KotlinApplication>(*args)
}

@Entity
class Device(val name: String, @Id @GeneratedValue var id: Long? = null)

interface Devices : JpaRepository<Device, Long>

@Entity
@Table(name = "device_api_key")
@DiscriminatorValue("device")
class DeviceApiKey(@ManyToOne(optional = false) var device: Device) : ApiKey()

@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

	@Bean
	fun chain(http: HttpSecurity): SecurityFilterChain {
		http {
			authorizeHttpRequests {
				authorize("/hello", permitAll)
				authorize("/api/reports", hasApiKey("reports:read"))
				authorize("/api/firmware", hasApiKey(DeviceApiKey::class.java))
				authorize(anyRequest, authenticated)
			}
			sessionManagement { sessionCreationPolicy = SessionCreationPolicy.STATELESS }
			with(apiKey()) { headerNames("X-Device-Key") }
		}
		return http.build()
	}

}

@Service
class DeviceService(private val devices: Devices, private val apiKeys: ApiKeyService) {

	@Transactional
	fun register(name: String, vararg scopes: String): CreatedApiKey {
		val device = devices.save(Device(name))
		return apiKeys.create(DeviceApiKey(device),
			NewApiKey.named("key of $name").owner("device-${device.id}").scopes(*scopes))
	}

}

@Service
class FirmwareService {

	@HasApiKey("firmware:write")
	suspend fun publish(version: String): String {
		delay(1)
		return "published $version"
	}

}

@RestController
class DeviceController {

	@GetMapping("/hello")
	fun hello(@CurrentApiKey key: ApiKeyPrincipal?) = "Hello, ${key?.displayName() ?: "stranger"}"

	@HasApiKey(type = DeviceApiKey::class)
	@GetMapping("/api/device")
	fun device(@CurrentApiKey key: DeviceApiKey) = key.device.name

	@HasApiKey("readings:write")
	@PostMapping("/api/readings")
	fun record(@RequestBody reading: String, @CurrentApiKey key: ApiKeyPrincipal) = "$reading from ${key.displayName()}"

	@HasApiKey("readings:read")
	@GetMapping("/api/readings")
	suspend fun latest(@CurrentApiKey key: ApiKeyPrincipal): String {
		delay(1)
		return "latest for ${key.displayName()}"
	}

	@GetMapping("/api/reports")
	fun reports() = "reports"

	@GetMapping("/api/firmware")
	fun firmware() = "firmware"

}
