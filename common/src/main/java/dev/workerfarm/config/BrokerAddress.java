package dev.workerfarm.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where the broker is: {@code amqp://user:password@host:5672,host2:5672/vhost}, or {@code amqps} for TLS. Parsed by us:
 * amqp-client takes a trailing slash for the vhost {@code ''} and two hosts for localhost.
 *
 * @param hosts one or more nodes of one cluster
 * @param vhost {@code /} where the URL has no path, {@code /}, {@code //} or {@code /%2f}
 * @param tlsSettings of no interest where {@code tls} is false
 */
public record BrokerAddress(
        boolean tls, String user, String password, List<Host> hosts, String vhost, TlsSettings tlsSettings) {
    /** The environment variable that holds it, or with {@code _FILE} behind it names the file that does. */
    public static final String VARIABLE = "FARM_AMQP_URL";

    public static final String DEFAULT_URL = "amqp://guest:guest@127.0.0.1:5672/";

    private static final Pattern PORT = Pattern.compile(":[0-9]{1,5}");

    /** One host and its port. */
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
     * {@link TlsSettings}; {@link #DEFAULT_URL} where nothing is set.
     *
     * @throws IllegalArgumentException naming the variable and what is wrong with it, without the password
     */
    public static BrokerAddress from(Map<String, String> environment) {
        var url = Variables.value(environment, VARIABLE);
        var address = parse(url == null ? DEFAULT_URL : url);
        return address.tls ? address.with(TlsSettings.from(environment)) : address;
    }

    /**
     * Reads a URL; TLS is with {@link TlsSettings#DEFAULT}.
     *
     * @throws IllegalArgumentException saying what is wrong, without the password
     */
    public static BrokerAddress parse(String url) {
        boolean tls = url.startsWith("amqps://");
        if (!tls && !url.startsWith("amqp://")) {
            throw wrong("it must start with amqp:// or amqps://");
        }
        var rest = url.substring(url.indexOf("://") + 3);
        if (rest.indexOf('?') >= 0 || rest.indexOf('#') >= 0) {
            throw wrong("it takes no ? or # (percent-encode them in a user, password or vhost)");
        }
        var slash = rest.indexOf('/');
        var authority = slash < 0 ? rest : rest.substring(0, slash);
        var path = slash < 0 ? "" : rest.substring(slash + 1);
        if (path.indexOf('@') >= 0) {
            throw wrong("a / in a user or password is written %2f, an @ in a vhost %40");
        }
        var at = authority.lastIndexOf('@');
        var user = "guest";
        var password = "guest";
        if (at >= 0) {
            var credentials = authority.substring(0, at);
            var colon = credentials.indexOf(':');
            user = decode(colon < 0 ? credentials : credentials.substring(0, colon));
            password = colon < 0 ? "" : decode(credentials.substring(colon + 1));
        }
        List<Host> hosts = new ArrayList<>();
        for (var host : authority.substring(at + 1).split(",", -1)) {
            hosts.add(host(host, tls ? 5671 : 5672));
        }
        var vhost = decode(path);
        if (vhost.isEmpty() || vhost.equals("/")) {
            vhost = "/";
        } else if (path.indexOf('/') >= 0) {
            throw wrong("a / inside a vhost's name is written %2f");
        }
        return new BrokerAddress(tls, user, password, hosts, vhost, TlsSettings.DEFAULT);
    }

    /** The same place with other TLS settings. */
    public BrokerAddress with(TlsSettings settings) {
        return new BrokerAddress(tls, user, password, hosts, vhost, settings);
    }

    private static Host host(String text, int defaultPort) {
        var nameEnd = text.startsWith("[")
                ? text.indexOf(']') + 1
                : text.indexOf(':') < 0 ? text.length() : text.indexOf(':');
        var name = text.startsWith("[") && nameEnd > 0 ? text.substring(1, nameEnd - 1) : text.substring(0, nameEnd);
        if (name.isBlank()) {
            throw wrong("a host is missing");
        }
        if (name.chars().anyMatch(c -> c <= ' ')) {
            throw wrong("a host's name has no spaces");
        }
        var port = text.substring(nameEnd);
        if (port.isEmpty()) {
            return new Host(name, defaultPort);
        }
        if (PORT.matcher(port).matches()) {
            var number = Integer.parseInt(port.substring(1));
            if (number >= 1 && number <= 65_535) {
                return new Host(name, number);
            }
        }
        // Not quoted, and no cause: it is a piece of the password where that has a / in it.
        throw wrong("a port is a number from 1 to 65535 (a / in a password is written %2f)");
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) { // no cause: it quotes what may be a password
            throw wrong("a % is not followed by two hex digits");
        }
    }

    private static IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(
                VARIABLE + ": " + what + "; the form is amqp://user:password@host:5672/vhost");
    }

    /** The hosts alone, for messages. */
    public String hostList() {
        return hosts.stream().map(Host::toString).collect(Collectors.joining(", "));
    }

    /** The URL with the password masked. */
    @Override
    public String toString() {
        return (tls ? "amqps://" : "amqp://") + user + ":***@" + hostList().replace(" ", "") + "/"
                + (vhost.equals("/") ? "" : vhost);
    }
}
