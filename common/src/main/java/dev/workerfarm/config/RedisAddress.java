package dev.workerfarm.config;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where Redis is, parsed from {@code redis://[user:password@]host[:port][/database]}, or {@code rediss://} for TLS.
 *
 * <p>Parsed by us and not by {@link java.net.URI}, which knows no host such as {@code my_redis}, and whose errors quote
 * the password. No text made here holds the password.
 *
 * @param host a name or an address, one of IPv6 without its brackets
 * @param tls whether to speak TLS
 * @param user the ACL user, or null for Redis's default user
 * @param password null where none is needed
 * @param database 0 or greater
 * @param tlsSettings of no interest where {@code tls} is false
 */
public record RedisAddress(
        String host,
        int port,
        boolean tls,
        @Nullable String user,
        @Nullable String password,
        int database,
        TlsSettings tlsSettings) {
    /** The environment variable that holds it, or with {@code _FILE} behind it names the file that does. */
    public static final String VARIABLE = "FARM_REDIS_URL";

    public static final int DEFAULT_PORT = 6379;

    /** Redis on this machine. */
    public static final String DEFAULT_URL = "redis://127.0.0.1:6379/0";

    public RedisAddress {
        check(!host.isEmpty(), "it has no host");
        check(port >= 1 && port <= 65_535, "its port " + port + " is not within 1 to 65535");
        check(database >= 0, "its database " + database + " is negative");
        check(user == null || password != null, "it has a user without a password");
    }

    /** An address with {@link TlsSettings#DEFAULT}. */
    public RedisAddress(
            String host, int port, boolean tls, @Nullable String user, @Nullable String password, int database) {
        this(host, port, tls, user, password, database, TlsSettings.DEFAULT);
    }

    /**
     * Reads {@value #VARIABLE}, or the file that {@code FARM_REDIS_URL_FILE} names, and for TLS the variables of
     * {@link TlsSettings}; {@link #DEFAULT_URL} where nothing is set.
     *
     * @throws IllegalArgumentException naming the variable and what is wrong with it, without the password
     */
    public static RedisAddress from(Map<String, String> environment) {
        var url = Variables.value(environment, VARIABLE);
        RedisAddress address;
        try {
            address = parse(url == null ? DEFAULT_URL : url);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(VARIABLE + ": " + e.getMessage(), e);
        }
        return address.tls ? address.with(TlsSettings.from(environment)) : address;
    }

    /** The same place with other TLS settings. */
    public RedisAddress with(TlsSettings settings) {
        return new RedisAddress(host, port, tls, user, password, database, settings);
    }

    /**
     * The address that a URL says; TLS is with {@link TlsSettings#DEFAULT}.
     *
     * @param url port 6379 and database 0 where it has none; reserved characters in user and password are percent-encoded
     * @throws IllegalArgumentException if it is no such URL; the text says what is wrong with it, without the password
     */
    public static RedisAddress parse(String url) {
        String text = url.strip();
        int scheme = text.indexOf("://");
        check(scheme > 0, "it does not start with redis:// or rediss://");
        boolean tls = switch (text.substring(0, scheme).toLowerCase(Locale.ROOT)) {
            case "redis" -> false;
            case "rediss" -> true;
            default -> throw wrong("it does not start with redis:// or rediss://");
        };
        String rest = text.substring(scheme + 3);

        // The last @ ends the credentials even where a slash in the password was not encoded: no piece of it reaches a
        // text.
        int at = rest.lastIndexOf('@');
        String credentials = at < 0 ? "" : rest.substring(0, at);
        String place = rest.substring(at + 1);
        check(
                place.indexOf('?') < 0 && place.indexOf('#') < 0,
                "it has a query or a fragment, which mean nothing here");
        int slash = place.indexOf('/');
        String hostAndPort = slash < 0 ? place : place.substring(0, slash);
        int database = slash < 0 ? 0 : database(place.substring(slash + 1));

        int hostEnd = hostEnd(hostAndPort);
        String port = hostAndPort.substring(hostEnd);
        String host = hostAndPort.substring(0, hostEnd);
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        }
        int colon = credentials.indexOf(':');
        check(
                colon >= 0 || credentials.isEmpty(),
                "it has a user or a password alone: write user:password@ or :password@");
        String user = colon < 0 ? "" : decode(credentials.substring(0, colon));
        String password = colon < 0 ? "" : decode(credentials.substring(colon + 1));
        return new RedisAddress(
                host,
                port.isEmpty() ? DEFAULT_PORT : number(port.substring(1), "port"),
                tls,
                user.isEmpty() ? null : user,
                password.isEmpty() ? null : password,
                database);
    }

    /** Host and port as a person writes them, one of IPv6 in brackets. */
    public String hostAndPort() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    /** The URL, with {@code ***} for the password. */
    @Override
    public String toString() {
        String credentials = password == null ? "" : (user == null ? "" : user) + ":***@";
        return (tls ? "rediss://" : "redis://") + credentials + hostAndPort() + "/" + database;
    }

    private static int hostEnd(String hostAndPort) {
        if (hostAndPort.startsWith("[")) {
            int bracket = hostAndPort.indexOf(']');
            check(bracket > 0, "its IPv6 address lacks the closing ]");
            String address = hostAndPort.substring(1, bracket);
            check(
                    address.matches("[0-9A-Fa-f:.]+(%[\\w.-]+)?") && address.contains(":"),
                    "what is in [ ] is no IPv6 address");
            int end = bracket + 1;
            check(
                    end == hostAndPort.length() || hostAndPort.charAt(end) == ':',
                    "something other than a port follows the ]");
            return end;
        }
        int colon = hostAndPort.indexOf(':');
        check(colon == hostAndPort.lastIndexOf(':'), "it has several colons: an IPv6 address goes into [ ]");
        int end = colon < 0 ? hostAndPort.length() : colon;
        check(
                hostAndPort.substring(0, end).matches("[^\\s,\\[\\]\\p{Cntrl}]*"),
                "its host is not one host name or address");
        return end;
    }

    private static int database(String text) {
        return text.isEmpty() ? 0 : number(text, "database");
    }

    private static int number(String text, String what) {
        check(text.matches("[0-9]{1,9}"), "its " + what + " '" + text + "' is not a number");
        return Integer.parseInt(text);
    }

    /** Percent-decoding of RFC 3986; unlike {@link java.net.URLDecoder}, a plus stays a plus. */
    private static String decode(String text) {
        var bytes = new ByteArrayOutputStream();
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < encoded.length; i++) {
            if (encoded[i] == '%') {
                int high = i + 2 < encoded.length ? Character.digit(encoded[i + 1], 16) : -1;
                int low = i + 2 < encoded.length ? Character.digit(encoded[i + 2], 16) : -1;
                check(
                        high >= 0 && low >= 0,
                        "its credentials have a % without two hexadecimal digits: write %25 for it");
                bytes.write(high * 16 + low);
                i += 2;
            } else {
                bytes.write(encoded[i]);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static void check(boolean good, String problem) {
        if (!good) {
            throw wrong(problem);
        }
    }

    private static IllegalArgumentException wrong(String problem) {
        return new IllegalArgumentException(
                "not a Redis address, " + problem + "; expected redis://[user:password@]host:port/database");
    }
}
