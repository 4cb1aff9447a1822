package dev.workerfarm.testkit;

import com.rabbitmq.client.ConnectionFactory;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.config.RedisAddress;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;

/** Asks a service who it is: one connection, one try. */
public final class Probes {
    private static final int TIMEOUT_MILLIS = 5000;

    private Probes() {}

    /** What a broker says it is. */
    public record Product(String name, String version) {
        @Override
        public String toString() {
            return name + " " + version;
        }
    }

    /** Logs in to the first host of the URL. */
    public static Product broker(String url) throws IOException, TimeoutException {
        var address = BrokerAddress.parse(url);
        var factory = new ConnectionFactory();
        factory.setHost(address.hosts().get(0).name());
        factory.setPort(address.hosts().get(0).port());
        factory.setUsername(address.user());
        factory.setPassword(address.password());
        factory.setVirtualHost(address.vhost());
        factory.setConnectionTimeout(TIMEOUT_MILLIS);
        factory.setHandshakeTimeout(TIMEOUT_MILLIS);
        factory.setAutomaticRecoveryEnabled(false);
        if (address.tls()) {
            try {
                factory.useSslProtocol();
            } catch (GeneralSecurityException e) {
                throw new IOException(e);
            }
        }
        try (var connection = factory.newConnection("workerfarm probe")) {
            var properties = connection.getServerProperties();
            return new Product(
                    Objects.toString(properties.get("product"), "unknown broker"),
                    Objects.toString(properties.get("version"), ""));
        }
    }

    /** Logs in and asks for the version; a JedisException if it does not answer, or still loads its data. */
    public static Product redis(String url) {
        var address = RedisAddress.parse(url);
        var config = DefaultJedisClientConfig.builder()
                .user(address.user())
                .password(address.password())
                .database(address.database())
                .resp2()
                .autoNegotiateProtocol(false)
                .timeoutMillis(TIMEOUT_MILLIS);
        if (address.tls()) {
            config.sslOptions(
                    SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL).build());
        }
        try (var redis = new Jedis(new HostAndPort(address.host(), address.port()), config.build())) {
            redis.ping(); // INFO answers while Redis loads, PING does not
            var version = redis.info("server")
                    .lines()
                    .filter(line -> line.startsWith("redis_version:"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
            return new Product("Redis", version.orElse("of unknown version"));
        }
    }
}
