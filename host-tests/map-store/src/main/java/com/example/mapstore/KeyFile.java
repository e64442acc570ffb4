package com.example.mapstore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;

import io.github.apikeys.core.ApiKeyStoreException;

/**
 * The file: lines are added to its end, and count once "commit" follows them.
 */
final class KeyFile implements AutoCloseable {

	private static final String COMMIT = "commit\n";

	private final FileChannel channel;

	private long end;

	KeyFile(Path path, Consumer<Line> reader) {
		try {
			this.channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
			if (this.channel.tryLock() == null) {
				throw new IllegalStateException(path + " belongs to another process");
			}
			String text = Files.readString(path, StandardCharsets.US_ASCII);
			int last = text.lastIndexOf(COMMIT);
			this.end = (last < 0) ? 0 : last + COMMIT.length();
			text.substring(0, (int) this.end)
				.lines()
				.filter((line) -> !line.equals(COMMIT.strip()))
				.map(Line::parse)
				.forEach(reader);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * What a failed attempt left behind is overwritten by the next one.
	 */
	void append(List<Line> lines) {
		StringBuilder text = new StringBuilder();
		lines.forEach((line) -> text.append(line.text()));
		ByteBuffer bytes = ByteBuffer.wrap(text.append(COMMIT).toString().getBytes(StandardCharsets.US_ASCII));
		try {
			this.channel.truncate(this.end).position(this.end);
			while (bytes.hasRemaining()) {
				this.channel.write(bytes);
			}
			this.channel.force(false);
			this.end += bytes.limit();
		}
		catch (IOException ex) {
			throw new ApiKeyStoreException(ex);
		}
	}

	@Override
	public void close() throws IOException {
		this.channel.close();
	}

}
