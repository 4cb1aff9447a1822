package dev.workerfarm.config;

import dev.workerfarm.config.BrokerAddress.Host;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parts that the URLs of the broker and of Redis have in common: {@code scheme://user:password@host:port/path}, the
 * credentials as written, the place one or more hosts with commas. Not parsed by {@link java.net.URI}, which knows no
 * host such as {@code my_redis}, and whose errors quote the password; no error here does.
 */
record ServiceUrl(Kind kind, boolean tls, @Nullable String credentials, String place, String path) {
    private static final Pattern HOST = Pattern.compile("[^\\s,\\[\\]\\p{Cntrl}]*");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(%[\\w.-]+)?");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
    private static final Pattern BARE_PERCENT = Pattern.compile("%(?![0-9A-Fa-f]{2})");
    private static final int LARGEST_PORT = 65_535;

    /**
     * What is particular to one service: scheme and default ports, the name and the form in errors, and whether errors
     * quote a wrong port, which is a password where user and host were left out.
     */
    record Kind(String scheme, int port, int tlsPort, String name, String form, boolean quotesPort) {
        void check(boolean good, String problem) {
            if (!good) {
                throw new IllegalArgumentException(name + problem + "; the form is " + form);
            }
        }

        int number(String text, String what, boolean quoted) {
            var quote = quoted ? " '" + text + "'" : "";
            check(NUMBER.matcher(text).matches(), "its " + what + quote + " is not a number");
            return Integer.parseInt(text);
        }
    }

    /** Takes a URL apart. Throws IllegalArgumentException saying what is wrong, without the password. */
    static ServiceUrl parse(Kind kind, String url) {
        var scheme = url.substring(0, Math.max(0, url.indexOf("://")));
        var plain = kind.scheme;
        var tls = scheme.equals(plain + "s");
        kind.check(tls || scheme.equals(plain), "it does not start with " + plain + ":// or " + plain + "s://");
        var rest = url.substring(scheme.length() + "://".length());
        // The last @ ends the credentials, also behind a slash that is not encoded: no error has a part of the
        // password.
        var at = rest.lastIndexOf('@');
        var place = rest.substring(at + 1);
        var hasMore = place.indexOf('?') >= 0 || place.indexOf('#') >= 0;
        kind.check(!hasMore, "it has a query or a fragment, which mean nothing here");
        var parts = place.split("/", 2);
        var path = parts.length < 2 ? "" : parts[1];
        return new ServiceUrl(kind, tls, at < 0 ? null : rest.substring(0, at), parts[0], path);
    }

    @Override
    public String toString() {
        return place + "/" + path;
    }

    /** What stands before the first colon of the credentials, decoded; empty where there are none. */
    String user() {
        return credentials == null ? "" : decode(credentials.split(":", 2)[0]);
    }

    /** What stands behind the first colon of the credentials, decoded; empty where there is no colon. */
    String password() {
        var colon = credentials == null ? -1 : credentials.indexOf(':');
        return credentials == null || colon < 0 ? "" : decode(credentials.substring(colon + 1));
    }

    Host host() {
        return host(place);
    }

    List<Host> hosts() {
        return Arrays.stream(place.split(",", -1)).map(this::host).toList();
    }

    /** Percent-decoding of RFC 3986; unlike for {@link URLDecoder} alone, a plus stays a plus. */
    String decode(String text) {
        kind.check(!BARE_PERCENT.matcher(text).find(), "it has a % without two hexadecimal digits: write %25 for it");
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private Host host(String text) {
        var end = hostEnd(text);
        var name = text.startsWith("[") ? text.substring(1, end - 1) : text.substring(0, end);
        kind.check(!name.isEmpty(), "it has no host, or one is missing");
        return new Host(name, end == text.length() ? tls ? kind.tlsPort : kind.port : port(text.substring(end + 1)));
    }

    private int hostEnd(String text) {
        if (text.startsWith("[")) {
            var bracket = text.indexOf(']');
            kind.check(bracket > 0, "its IPv6 address lacks the closing ]");
            kind.check(IPV6.matcher(text.substring(1, bracket)).matches(), "what is in [ ] is no IPv6 address");
            var end = bracket + 1;
            kind.check(end == text.length() || text.charAt(end) == ':', "something other than a port follows the ]");
            return end;
        }
        var colon = text.indexOf(':');
        kind.check(colon == text.lastIndexOf(':'), "it has several colons: an IPv6 address goes into [ ]");
        var end = colon < 0 ? text.length() : colon;
        kind.check(HOST.matcher(text.substring(0, end)).matches(), "its host is not one host name or address");
        return end;
    }

    private int port(String text) {
        var port = kind.number(text, "port", kind.quotesPort);
        var quoted = kind.quotesPort ? port + " " : "";
        kind.check(port >= 1 && port <= LARGEST_PORT, "its port " + quoted + "is not within 1 to " + LARGEST_PORT);
        return port;
    }
}
