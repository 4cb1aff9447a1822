package dev.workerfarm.worker.download;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file on its way into the download folder, under a hidden name until it is placed. Closing it deletes it. */
final class PartFile implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(PartFile.class);
    private static final String PREFIX = ".part-"; // no SafeFileName starts with a dot

    private final Path folder;
    private final Path path;
    private final OutputStream output;
    private final MessageDigest sha256;
    private long bytes;

    /** Starts a file, in a folder that is created if it is missing. */
    PartFile(Path folder) throws DownloadException {
        this.folder = folder;
        this.path = folder.resolve(PREFIX + UUID.randomUUID());
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
            Files.createDirectories(folder);
            // Not Files.createTempFile: its files are for their owner only, and would stay so.
            this.output = Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        } catch (IOException e) {
            throw cannotWrite(folder, e);
        }
    }

    /** Deletes what killed processes left in the folder: part files that nobody has written to for {@code age}. */
    static void deleteLeftovers(Path folder, Duration age) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Instant limit = Instant.now().minus(age);
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, PREFIX + "*")) {
            for (Path part : parts) {
                if (lastModified(part).isBefore(limit)) {
                    Files.deleteIfExists(part);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.warn("cannot look for leftovers in the download folder {}: {}", folder, e.toString());
        }
    }

    void write(byte[] buffer, int length) throws DownloadException {
        try {
            output.write(buffer, 0, length);
        } catch (IOException e) {
            throw cannotWrite(folder, e);
        }
        sha256.update(buffer, 0, length);
        bytes += length;
    }

    long bytes() {
        return bytes;
    }

    /** The digest of what was written, in lower-case hex. Ends the writing. */
    String sha256() {
        return HexFormat.of().formatHex(sha256.digest());
    }

    /** Gives the file its name, in one step, in place of a file or a symbolic link of that name; not of a directory. */
    void placeAs(Path target) throws DownloadException {
        if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new DownloadException("cannot write " + target + ": it is a directory");
        }
        try {
            output.close();
            Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw cannotWrite(folder, e);
        }
    }

    @Override
    public void close() {
        try (output) {
            Files.deleteIfExists(path); // not there any more once it is placed
        } catch (IOException e) {
            LOG.warn("cannot delete {}: {}", path, e.toString());
        }
    }

    private static Instant lastModified(Path part) throws IOException {
        try {
            return Files.getLastModifiedTime(part, LinkOption.NOFOLLOW_LINKS).toInstant();
        } catch (NoSuchFileException e) {
            return Instant.MAX; // placed or deleted by its process meanwhile
        }
    }

    private static DownloadException cannotWrite(Path folder, IOException e) {
        String reason = e instanceof FileSystemException f && f.getReason() != null
                ? f.getReason()
                : e.getClass().getSimpleName() + " " + e.getMessage();
        String text = "cannot write to the download folder %s (%s): %s";
        return new DownloadException(text.formatted(folder, DownloadConfig.FOLDER_VARIABLE, reason), e);
    }
}
