package dev.workerfarm.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Says that a farm is up in a home folder, as long as its process lives: a lock on {@code .farm/up}, which the system
 * takes away from a killed one. Owned by that process.
 */
final class HomeLock implements AutoCloseable {
    private final FileChannel file;

    private HomeLock(FileChannel file) {
        this.file = file;
    }

    /**
     * Takes it.
     *
     * @return null if another process has it
     * @throws IllegalArgumentException if files cannot be made there
     */
    static @Nullable HomeLock take(Path home) {
        var path = home.resolve(".farm").resolve("up");
        try {
            Files.createDirectories(path.getParent());
            var file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = file.tryLock();
            if (lock == null) {
                file.close();
                return null;
            }
            return new HomeLock(file);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot write " + path + " (" + e + ")", e);
        }
    }

    /** Gives it back. The file stays: who waits for it may have it open. */
    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
