package com.example.stomp;

import java.security.Principal;

import io.github.apikeys.security.HasApiKey;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.messaging.handler.annotation.MessageExceptionHandler;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.simp.annotation.SendToUser;
import org.springframework.messaging.simp.config.ChannelRegistration;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.messaging.context.SecurityContextChannelInterceptor;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.stereotype.Controller;
import org.springframework.web.socket.config.annotation.EnableWebSocketMessageBroker;
import org.springframework.web.socket.config.annotation.StompEndpointRegistry;
import org.springframework.web.socket.config.annotation.WebSocketMessageBrokerConfigurer;

import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKey;
import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.springframework.security.config.Customizer.withDefaults;

@SpringBootApplication
@EnableWebSocketMessageBroker
public class StompApplication implements WebSocketMessageBrokerConfigurer {

	public static void main(String[] args) {
		SpringApplication.run(StompApplication.class, args);
	}

	@Override
	public void registerStompEndpoints(StompEndpointRegistry registry) {
		registry.setPreserveReceiveOrder(true).addEndpoint("/messages");
	}

	@Override
	public void configureMessageBroker(MessageBrokerRegistry registry) {
		registry.setApplicationDestinationPrefixes("/app").enableSimpleBroker("/queue");
	}

	@Override
	public void configureClientInboundChannel(ChannelRegistration registration) {
		registration.interceptors(new SecurityContextChannelInterceptor());
	}

	@Order(1)
	@Bean
	SecurityFilterChain messages(HttpSecurity http) {
		return http.securityMatcher("/messages")
			.authorizeHttpRequests((requests) -> requests.anyRequest().access(hasApiKey("orders:read")))
			.with(apiKey(), withDefaults())
			.build();
	}

	@Controller
	static class OrderController {

		@MessageMapping("/orders/read")
		@SendToUser("/queue/answers")
		String read(Principal user) {
			return "orders of " + user.getName();
		}

		@HasApiKey("orders:write")
		@MessageMapping("/orders/write")
		@SendToUser("/queue/answers")
		String write() {
			return "written";
		}

		@MessageExceptionHandler
		@SendToUser("/queue/answers")
		String denied(AccessDeniedException denied) {
			return "denied";
		}

	}

}
