package com.example.datarest;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.http.MediaType;
import org.springframework.security.authentication.AuthenticationCredentialsNotFoundException;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@SpringBootTest
@AutoConfigureMockMvc
class DataRestApplicationTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApiKeyService apiKeys;

	@Autowired
	private BookRepository books;

	@Autowired
	private AuthorRepository authors;

	@Test
	void repositoryWhenItIsCalledWithoutAKeyThenDenied() {
		assertThatExceptionOfType(AuthenticationCredentialsNotFoundException.class).isThrownBy(this.books::findAll);
		assertThatExceptionOfType(AuthenticationCredentialsNotFoundException.class)
			.isThrownBy(() -> this.books.countByTitle("any"));
		assertThatExceptionOfType(AuthenticationCredentialsNotFoundException.class)
			.isThrownBy(() -> this.authors.save(new Author()));
		assertThat(this.authors.count()).isNotNegative();
	}

	@Test
	void repositoryWhenExportedThenEachRequestRequiresItsKey() {
		String token = token("books:read");
		assertThat(get("/books", token)).hasStatusOk();
		assertThat(get("/books/search/countByTitle?title=any", token)).hasStatusOk();
		assertThat(get("/books", null)).hasStatus(401);
		assertThat(get("/books/1", null)).hasStatus(401);
		assertThat(get("/books/search/countByTitle?title=any", null)).hasStatus(401);
		assertThat(get("/books", token("authors:read"))).hasStatus(403);
	}

	@Test
	void methodOfARepositoryWhenExportedThenItsRequestsRequireItsKey() {
		assertThat(get("/authors", null)).hasStatusOk();
		assertThat(get("/authors/search/findByName?name=any", null)).hasStatus(401);
		assertThat(get("/authors/search/findByName?name=any", token("authors:read"))).hasStatusOk();
		assertThat(post(token("authors:read"))).hasStatus(403);
		assertThat(post(token("authors:write"))).hasStatus(201);
	}

	private MvcTestResult post(String token) {
		return this.mvc.post()
			.uri("/authors")
			.header("X-API-Key", token)
			.contentType(MediaType.APPLICATION_JSON)
			.content("{ \"name\": \"any\" }")
			.exchange();
	}

	private MvcTestResult get(String path, String token) {
		MockMvcTester.MockMvcRequestBuilder request = this.mvc.get().uri(path);
		if (token != null) {
			request.header("X-API-Key", token);
		}
		return request.exchange();
	}

	private String token(String scope) {
		return this.apiKeys.create(NewApiKey.named("client").scopes(scope)).token();
	}

}
