package com.example.devtools;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Part of the application, loaded anew by each restart. So it tells the test where the
 * application runs by what is loaded once.
 */
@Component
class StartedContexts {

	private static final BlockingQueue<ConfigurableApplicationContext> contexts = shared();

	@EventListener
	void on(ApplicationReadyEvent event) {
		contexts.add(event.getApplicationContext());
	}

	static ConfigurableApplicationContext await() throws InterruptedException {
		ConfigurableApplicationContext context = contexts.poll(3, TimeUnit.MINUTES);
		if (context == null) {
			throw new IllegalStateException("The application did not start");
		}
		return context;
	}

	@SuppressWarnings("unchecked")
	private static BlockingQueue<ConfigurableApplicationContext> shared() {
		return (BlockingQueue<ConfigurableApplicationContext>) System.getProperties()
			.computeIfAbsent(StartedContexts.class.getName(), (name) -> new LinkedBlockingQueue<>());
	}

}
