package dev.workerfarm.cli;

import dev.workerfarm.pool.Incoming;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A list of downloads: a URL a line, or a URL, a tab and the file's name; lines that start with # are comments. Read by
 * one thread, while another asks which URLs were read.
 */
final class DownloadList implements Incoming<String> {
    private final Incoming<String> lines;
    private final ConcurrentLinkedQueue<String> read = new ConcurrentLinkedQueue<>();
    private @Nullable String next;

    DownloadList(Incoming<String> lines) {
        this.lines = lines;
    }

    /** The arguments of a line's download. */
    static List<?> arguments(String line) {
        var tab = line.indexOf('\t');
        return tab < 0 || line.substring(tab).isBlank()
                ? List.of(line.strip())
                : List.of(
                        line.substring(0, tab).strip(), line.substring(tab + 1).strip());
    }

    /** The next URL of those that were read, each given once, without user and password. */
    String nextUrl() {
        var line = read.poll();
        return line == null ? "" : shown(arguments(line).get(0).toString());
    }

    static String shown(String url) {
        return url.replaceFirst("//[^/?#]*@", "//");
    }

    @Override
    public boolean isReady() {
        return next != null || lines.isReady();
    }

    @Override
    public boolean hasNext() {
        while (next == null && lines.hasNext()) {
            var line = lines.next();
            next = line.stripLeading().startsWith("#") ? null : line;
        }
        return next != null;
    }

    @Override
    public String next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException();
        }
        var line = next;
        next = null;
        read.add(line);
        return line;
    }
}
