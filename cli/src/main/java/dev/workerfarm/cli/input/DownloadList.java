package dev.workerfarm.cli.input;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Downloads: a URL a line, or URL, tab and file name; # begins a comment. Belongs to one thread. */
public final class DownloadList extends ReadAhead {
    private final ReadAhead lines;

    public DownloadList(ReadAhead lines) {
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

    /** A line's URL, without user and password. */
    public static String url(String line) {
        return arguments(line).get(0).toString().replaceFirst("//[^/?#]*@", "//");
    }

    @Override
    public String place() {
        return lines.place();
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
}
