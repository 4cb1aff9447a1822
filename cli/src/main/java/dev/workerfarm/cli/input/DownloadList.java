package dev.workerfarm.cli.input;

import dev.workerfarm.pool.map.Incoming;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Downloads: a URL a line, or URL, tab and file name; # begins a comment. One thread reads, another asks for the URLs. */
public final class DownloadList extends ReadAhead {
    private final Incoming<String> lines;
    private final ConcurrentLinkedQueue<String> given = new ConcurrentLinkedQueue<>();

    public DownloadList(Incoming<String> lines) {
        this.lines = lines;
    }

    /** The arguments of a line's download. */
    public static List<?> arguments(String line) {
        var tab = line.indexOf('\t');
        if (tab < 0 || line.substring(tab).isBlank()) {
            return List.of(line.strip());
        }
        return List.of(line.substring(0, tab).strip(), line.substring(tab + 1).strip());
    }

    /** The next URL of those that were read, each given once, without user and password. */
    public String nextUrl() {
        var line = given.poll();
        return line == null ? "" : arguments(line).get(0).toString().replaceFirst("//[^/?#]*@", "//");
    }

    @Override
    boolean canRead() {
        return lines.isReady();
    }

    @Override
    protected @Nullable String read() {
        while (lines.hasNext()) {
            var line = lines.next();
            if (!line.stripLeading().startsWith("#")) {
                return line;
            }
        }
        return null;
    }

    @Override
    public String next() {
        var line = super.next();
        given.add(line);
        return line;
    }
}
