/*
 * Copyright 2026 the original author or authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *      https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.github.apikeys.ratelimit;

import java.io.IOException;
import java.net.ServerSocket;

import redis.embedded.RedisServer;

/**
 * Starts Redis on loopback, on any port.
 */
public final class LocalRedis {

	// another program may take a port that was free
	private static final int MAX_ATTEMPTS = 10;

	private LocalRedis() {
	}

	public static RedisServer start() throws IOException {
		IOException failure = new IOException();
		for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
			try {
				return start(freePort());
			}
			catch (IOException ex) {
				failure = ex;
			}
		}
		throw failure;
	}

	static RedisServer start(int port) throws IOException {
		RedisServer redis = RedisServer.newRedisServer().port(port).setting("bind 127.0.0.1").build();
		redis.start();
		return redis;
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

}
