package dev.workerfarm.config;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where Redis is, parsed from {@code redis://[user:password@]host[:port][/database]}, or {@code rediss://} for TLS.
 * User and password may be null; the TLS settings are of no interest without TLS. No text made here holds the password.
 *
 * @param source as that of {@link BrokerAddress}
 */
public record RedisAddress(
        String host,
        int port,
        boolean tls,
        @Nullable String user,
        @Nullable String password,
        int database,
        TlsSettings tlsSettings,
        Map<String, String> source) {
    /** The environment variable that holds it, or with {@code _FILE} behind it names the file that does. */
    public static final String VARIABLE = "FARM_REDIS_URL";

    public static final String DEFAULT_URL = "redis://127.0.0.1:6379/0";

    private static final ServiceUrl.Kind URL = new ServiceUrl.Kind(
            "redis", 6379, 6379, "not a Redis address: ", "redis://[user:password@]host:port/database", true);

    public RedisAddress {
        URL.check(!host.isEmpty(), "it has no host");
        URL.check(port >= 1 && port <= 65_535, "its port " + port + " is not within 1 to 65535");
        URL.check(database >= 0, "its database " + database + " is negative");
        URL.check(user == null || password != null, "it has a user without a password");
    }

    public RedisAddress(
            String host,
            int port,
            boolean tls,
            @Nullable String user,
            @Nullable String password,
            int database,
            TlsSettings tlsSettings) {
        this(host, port, tls, user, password, database, tlsSettings, Map.of());
    }

    /** As {@link BrokerAddress#from}, of {@value #VARIABLE} and {@code FARM_REDIS_URL_FILE}. */
    public static RedisAddress from(Map<String, String> environment) {
        var url = Variables.value(environment, VARIABLE);
        RedisAddress address;
        try {
            address = parse(url == null ? DEFAULT_URL : url);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(VARIABLE + ": " + e.getMessage(), e);
        }
        var settings = address.tls ? TlsSettings.from(environment) : TlsSettings.DEFAULT;
        return address.with(settings, Variables.source(environment, VARIABLE));
    }

    /** Itself, read again from its files: a password may have been changed. Throws as {@link #from} if it cannot be read. */
    public RedisAddress readAgain() {
        return source.isEmpty() ? this : from(source);
    }

    public RedisAddress with(TlsSettings settings) {
        return with(settings, source);
    }

    private RedisAddress with(TlsSettings settings, Map<String, String> variables) {
        return new RedisAddress(host, port, tls, user, password, database, settings, variables);
    }

    /** The address of a URL, with port 6379 and database 0 where it has none. An error does not hold the password. */
    public static RedisAddress parse(String url) {
        var text = url.strip();
        int scheme = text.indexOf("://");
        var parts = ServiceUrl.parse(
                URL, scheme < 0 ? text : text.substring(0, scheme).toLowerCase(Locale.ROOT) + text.substring(scheme));
        var credentials = parts.credentials();
        URL.check(
                credentials == null || credentials.isEmpty() || credentials.indexOf(':') >= 0,
                "it has a user or a password alone: write user:password@ or :password@");
        var host = parts.host();
        var user = parts.user().isEmpty() ? null : parts.user();
        var password = parts.password().isEmpty() ? null : parts.password();
        var database = parts.path().isEmpty() ? 0 : URL.number(parts.path(), "database", true);
        return new RedisAddress(host.name(), host.port(), parts.tls(), user, password, database, TlsSettings.DEFAULT);
    }

    /** Host and port as a person writes them, one of IPv6 in brackets. */
    public String hostAndPort() {
        return new BrokerAddress.Host(host, port).toString();
    }

    @Override
    public String toString() {
        String credentials = password == null ? "" : (user == null ? "" : user) + ":***@";
        return (tls ? "rediss://" : "redis://") + credentials + hostAndPort() + "/" + database;
    }
}
