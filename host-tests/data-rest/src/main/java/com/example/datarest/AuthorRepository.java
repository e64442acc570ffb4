package com.example.datarest;

import java.util.List;

import io.github.apikeys.security.HasApiKey;

import org.springframework.data.repository.CrudRepository;

/**
 * One method requires a key.
 */
public interface AuthorRepository extends CrudRepository<Author, Long> {

	@HasApiKey("authors:read")
	List<Author> findByName(String name);

	@Override
	@HasApiKey("authors:write")
	<S extends Author> S save(S author);

}
