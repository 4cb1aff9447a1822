package dev.workerfarm.worker.download;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * Makes any string the name of a file in a folder: never a path, a hidden file, or a name that Linux, macOS or Windows
 * would refuse or read as something else.
 *
 * <p>What may not stay becomes {@code _} rather than nothing, and what is cut off leaves a hash, so that different
 * names seldom become the same file.
 */
final class SafeFileName {
    static final int MAX_BYTES = 200;
    private static final int MAX_EXTENSION_BYTES = 20;
    private static final String FALLBACK = "download";
    /** Besides those of paths: line ends and escape sequences, bidi overrides and zero-width characters, half characters. */
    private static final Pattern FORBIDDEN = Pattern.compile("[/\\\\:*?\"<>|\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");
    /** https://learn.microsoft.com/windows/win32/fileio/naming-a-file, with any extension. */
    private static final Pattern WINDOWS_DEVICE =
            Pattern.compile("(con|prn|aux|nul|conin\\$|conout\\$|(com|lpt)[0-9¹²³]) *(\\..*)?");

    private SafeFileName() {}

    /** The wanted name; if null or blank the last segment of the URL's path; else {@code download}. */
    static String of(@Nullable String wanted, HttpUrl url) {
        return of(wanted, url, Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")));
    }

    /** @param platform what the JVM encodes file names in: ASCII in a container without a locale */
    static String of(@Nullable String wanted, HttpUrl url, Charset platform) {
        String name = wanted;
        if (name == null || name.isBlank()) {
            name = url.pathSegments().get(url.pathSize() - 1);
        }
        if (name.isEmpty()) {
            return FALLBACK;
        }
        name = FORBIDDEN.matcher(name).replaceAll("_");
        if (!platform.newEncoder().canEncode(name)) {
            name = percentEncoded(name);
        }
        name = shortened(name, MAX_BYTES - 1);
        if (WINDOWS_DEVICE.matcher(name.toLowerCase(Locale.ROOT)).matches()) {
            name = "_" + name;
        }
        return name.replaceFirst("^[.~\\s]", "_").replaceFirst("[.\\s]$", "_");
    }

    private static String percentEncoded(String name) {
        StringBuilder result = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            result.append(b < 0 ? "%%%02X".formatted(b) : (char) b);
        }
        return result.toString();
    }

    private static String shortened(String name, int maxBytes) {
        if (utf8Length(name) <= maxBytes) {
            return name;
        }
        int dot = name.lastIndexOf('.');
        String extension = dot < 0 || utf8Length(name.substring(dot)) > MAX_EXTENSION_BYTES ? "" : name.substring(dot);
        String end = "-%08x".formatted(name.hashCode()) + extension;
        StringBuilder start = new StringBuilder();
        int room = maxBytes - utf8Length(end);
        for (int c : name.codePoints().toArray()) {
            room -= utf8Length(Character.toString(c));
            if (room < 0) {
                break;
            }
            start.appendCodePoint(c);
        }
        return start + end;
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
