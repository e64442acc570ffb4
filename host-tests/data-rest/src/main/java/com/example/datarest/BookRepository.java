package com.example.datarest;

import io.github.apikeys.security.HasApiKey;

import org.springframework.data.jpa.repository.JpaRepository;

/**
 * Each method requires a key, also those that it inherits.
 */
@HasApiKey("books:read")
public interface BookRepository extends JpaRepository<Book, Long> {

	long countByTitle(String title);

}
