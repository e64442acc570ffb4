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
package io.github.apikeys.benchmarks;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * One connection of a client that sends each request exactly once, whatever happens. The
 * JDK's own clients repeat a GET on a new connection if the old one is gone, so that
 * nobody can count with them.
 */
final class HttpConnection implements AutoCloseable {

	private static final int TIMEOUT_MILLIS = 60_000;

	private final int port;

	private @Nullable Socket socket;

	private @Nullable InputStream input;

	HttpConnection(int port) {
		this.port = port;
	}

	/**
	 * Sends a request and reads the answer to its end.
	 * @return the status
	 */
	int get(String path, @Nullable String token) throws IOException {
		if (this.socket == null) {
			this.socket = new Socket(InetAddress.getLoopbackAddress(), this.port);
			this.socket.setTcpNoDelay(true);
			this.socket.setSoTimeout(TIMEOUT_MILLIS);
			this.input = new BufferedInputStream(this.socket.getInputStream());
		}
		String key = (token != null) ? "X-API-Key: " + token + "\r\n" : "";
		this.socket.getOutputStream()
			.write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + key + "\r\n")
				.getBytes(StandardCharsets.ISO_8859_1));
		return readAnswer();
	}

	private int readAnswer() throws IOException {
		int status = Integer.parseInt(readLine().split(" ")[1]);
		int length = 0;
		boolean chunked = false;
		boolean last = false;
		for (String line = readLine(); !line.isEmpty(); line = readLine()) {
			String field = line.toLowerCase(Locale.ROOT);
			if (field.startsWith("content-length:")) {
				length = Integer.parseInt(field.substring(15).trim());
			}
			chunked |= field.equals("transfer-encoding: chunked");
			last |= field.equals("connection: close");
		}
		if (chunked) {
			do {
				length = Integer.parseInt(readLine(), 16);
				skip(length + 2);
			}
			while (length > 0);
		}
		else {
			skip(length);
		}
		if (last) {
			close();
		}
		return status;
	}

	private String readLine() throws IOException {
		StringBuilder line = new StringBuilder();
		for (int next = read(); next != '\n'; next = read()) {
			line.append((char) next);
		}
		return line.substring(0, line.length() - 1);
	}

	private void skip(int length) throws IOException {
		for (int i = 0; i < length; i++) {
			read();
		}
	}

	private int read() throws IOException {
		int next = (this.input != null) ? this.input.read() : -1;
		if (next < 0) {
			throw new EOFException("The answer is not complete");
		}
		return next;
	}

	@Override
	public void close() {
		try {
			if (this.socket != null) {
				this.socket.close();
			}
		}
		catch (IOException ex) {
			// it is of no use any more
		}
		this.socket = null;
	}

}
