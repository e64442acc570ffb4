package com.example.devtools;

import io.github.apikeys.core.ApiKey;
import jakarta.persistence.Column;
import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;

@Entity
@Table(name = "project_api_key")
@DiscriminatorValue("project")
class ProjectApiKey extends ApiKey {

	@Column(nullable = false)
	private String project;

	protected ProjectApiKey() {
	}

	ProjectApiKey(String project) {
		this.project = project;
	}

	String getProject() {
		return this.project;
	}

}
