package dev.workerfarm.testkit;

/** The settings by which servers present a certificate, and the URLs that lead there. */
public final class Tls {
    private Tls() {}

    /** Lines for {@code rabbitmq.conf}: a listener on this port. */
    public static String rabbitMq(int port, CertificateFiles certificate) {
        return """
               listeners.ssl.1 = 127.0.0.1:%d
               ssl_options.certfile = %s
               ssl_options.keyfile = %s
               ssl_options.cacertfile = %s
               """.formatted(port, certificate.certificate(), certificate.key(), certificate.authority());
    }

    /** Lines for {@code redis.conf}: as well. It wants a certificate of the same authority from clients: Redis's default. */
    public static String redis(int port, CertificateFiles certificate) {
        return """
               tls-port %d
               tls-cert-file "%s"
               tls-key-file "%s"
               tls-ca-cert-file "%s"
               """.formatted(port, certificate.certificate(), certificate.key(), certificate.authority());
    }

    /**
     * As a server's plain URL, but {@code amqps} or {@code rediss}.
     *
     * @param host a name of 127.0.0.1
     */
    public static String url(String plain, String host, int port) {
        return plain.replaceFirst("^(amqp|redis):", "$1s:").replaceFirst("127\\.0\\.0\\.1:[0-9]+", host + ":" + port);
    }
}
