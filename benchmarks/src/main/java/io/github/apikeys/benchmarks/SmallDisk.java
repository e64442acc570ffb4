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

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Pattern;

/**
 * A file system of a few megabytes for one log, which can be filled to the last byte.
 * Only Linux has it, and only for root; elsewhere it is an ordinary directory that is
 * never full.
 */
final class SmallDisk implements AutoCloseable {

	private static final Pattern TOKEN = Pattern.compile("_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}");

	private final Path directory;

	private final boolean mounted;

	private long bytesRead;

	private long tokensFound;

	private SmallDisk(Path directory, boolean mounted) {
		this.directory = directory;
		this.mounted = mounted;
	}

	static SmallDisk mount() throws IOException {
		Path directory = Files.createTempDirectory("small-disk");
		try {
			SampleProcess.run("mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", directory.toString());
			Runtime.getRuntime().addShutdownHook(new Thread(() -> unmount(directory)));
			return new SmallDisk(directory, true);
		}
		catch (Exception ex) {
			System.out.println("There is no full disk in this run: " + ex.getMessage());
			return new SmallDisk(directory, false);
		}
	}

	boolean canBeFull() {
		return this.mounted;
	}

	Path log() {
		return this.directory.resolve("sample.log");
	}

	void fill() throws IOException {
		try (OutputStream filler = Files.newOutputStream(this.directory.resolve("filler"))) {
			byte[] bytes = new byte[1024];
			while (true) {
				filler.write(bytes);
			}
		}
		catch (IOException ex) {
			if (Files.getFileStore(this.directory).getUsableSpace() > 8192) {
				throw ex;
			}
		}
	}

	/**
	 * Makes room again, and looks for keys in what was logged until now.
	 */
	void clear() throws IOException {
		Files.deleteIfExists(this.directory.resolve("filler"));
		if (Files.exists(log())) {
			String text = Files.readString(log(), StandardCharsets.ISO_8859_1);
			this.bytesRead += text.length();
			this.tokensFound += TOKEN.matcher(text).results().count();
			Files.newOutputStream(log(), StandardOpenOption.TRUNCATE_EXISTING).close();
		}
	}

	long bytesRead() {
		return this.bytesRead;
	}

	long tokensFound() {
		return this.tokensFound;
	}

	private static void unmount(Path directory) {
		try {
			SampleProcess.run("umount", "-l", directory.toString());
		}
		catch (Exception ex) {
			// it is done already
		}
	}

	@Override
	public void close() throws IOException {
		if (this.mounted) {
			unmount(this.directory);
		}
		else {
			Files.deleteIfExists(log());
		}
		Files.delete(this.directory);
	}

}
