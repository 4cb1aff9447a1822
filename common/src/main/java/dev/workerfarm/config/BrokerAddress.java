package dev.workerfarm.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where the broker is: {@code amqp://user:password@host:5672,host2:5672/vhost}, or {@code amqps} for TLS. Parsed by us:
 * amqp-client takes a trailing slash for the vhost {@code ''} and two hosts for localhost. The vhost is {@code /} where
 * the URL has no path, {@code /}, {@code //} or {@code /%2f}; the TLS settings are of no interest without TLS.
 *
 * @param source the variables that it is read from again, where one names a file; else empty
 */
public record BrokerAddress(
        boolean tls,
        String user,
        String password,
        List<Host> hosts,
        String vhost,
        TlsSettings tlsSettings,
        Map<String, String> source) {
    /** The environment variable that holds it, or with {@code _FILE} behind it names the file that does. */
    public static final String VARIABLE = "FARM_AMQP_URL";

    public static final String DEFAULT_URL = "amqp://guest:guest@127.0.0.1:5672/";

    private static final ServiceUrl.Kind URL =
            new ServiceUrl.Kind("amqp", 5672, 5671, VARIABLE + ": ", "amqp://user:password@host:5672/vhost", false);

    private static final List<String> LOOPBACK = List.of("localhost", "::1");

    public record Host(String name, int port) {
        @Override
        public String toString() {
            return (name.contains(":") ? "[" + name + "]" : name) + ":" + port;
        }
    }

    public BrokerAddress {
        hosts = List.copyOf(hosts);
    }

    /**
     * Reads {@value #VARIABLE}, or the file that {@code FARM_AMQP_URL_FILE} names, and for TLS the variables of
     * {@link TlsSettings}; else {@link #DEFAULT_URL}. An error names the variable, without the password.
     */
    public static BrokerAddress from(Map<String, String> environment) {
        var url = Variables.value(environment, VARIABLE);
        var address = parse(url == null ? DEFAULT_URL : url);
        var settings = address.tls ? TlsSettings.from(environment) : TlsSettings.DEFAULT;
        return address.with(settings, Variables.source(environment, VARIABLE));
    }

    /** Itself, read again from its files: a password may have been changed. Throws as {@link #from} if it cannot be read. */
    public BrokerAddress readAgain() {
        return source.isEmpty() ? this : from(source);
    }

    /** Reads a URL; TLS is with {@link TlsSettings#DEFAULT}. An error says what is wrong, without the password. */
    public static BrokerAddress parse(String text) {
        var url = ServiceUrl.parse(URL, text);
        var credentials = url.credentials();
        URL.check(
                credentials == null || credentials.chars().noneMatch(c -> c == '/' || c == '?' || c == '#'),
                "a / in a user or password is written %2f, a ? %3f, a # %23, an @ in a vhost %40");
        var path = url.decode(url.path());
        var vhost = path.isEmpty() ? "/" : path;
        URL.check(vhost.equals("/") || url.path().indexOf('/') < 0, "a / inside a vhost's name is written %2f");
        var user = credentials == null ? "guest" : url.user();
        var password = credentials == null ? "guest" : url.password();
        return new BrokerAddress(url.tls(), user, password, url.hosts(), vhost, TlsSettings.DEFAULT, Map.of());
    }

    public BrokerAddress with(TlsSettings settings) {
        return with(settings, source);
    }

    private BrokerAddress with(TlsSettings settings, Map<String, String> variables) {
        return new BrokerAddress(tls, user, password, hosts, vhost, settings, variables);
    }

    /** {@code host:port/vhost} for each host: two addresses with one in common are one broker, whatever else they say. */
    public Set<String> places() {
        return hosts.stream()
                .map(host -> (LOOPBACK.contains(host.name())
                                ? "127.0.0.1"
                                : host.name().toLowerCase(Locale.ROOT)) + ":" + host.port() + "/" + vhost)
                .collect(Collectors.toSet());
    }

    public String hostList() {
        return hosts.stream().map(Host::toString).collect(Collectors.joining(", "));
    }

    @Override
    public String toString() {
        return (tls ? "amqps://" : "amqp://") + user + ":***@" + hostList().replace(" ", "") + "/"
                + (vhost.equals("/") ? "" : vhost);
    }
}
