package dev.workerfarm.testkit;

import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.rabbitmq.RabbitMQContainer;
import org.testcontainers.utility.DockerImageName;

/** RabbitMQ 4 and Redis 8 in containers; gone when closed, or when this JVM ends by itself. */
public final class ContainerServices implements AutoCloseable {
    private static final int REDIS_PORT = 6379;
    private static final String USER = "farm";
    private static final String PASSWORD = "farm-test";

    private final RabbitMQContainer rabbitMq = new RabbitMQContainer(DockerImageName.parse("rabbitmq:4-management"))
            .withAdminUser(USER)
            .withAdminPassword(PASSWORD);
    private final GenericContainer<?> redis =
            new GenericContainer<>(DockerImageName.parse("redis:8")).withExposedPorts(REDIS_PORT);

    private ContainerServices() {}

    /**
     * Starts both side by side and waits until they take connections, about 10 s where the images are there.
     *
     * @throws IllegalStateException if a container does not start
     */
    public static ContainerServices start() {
        var services = new ContainerServices();
        try {
            Startables.deepStart(services.rabbitMq, services.redis).join();
            return services;
        } catch (RuntimeException e) {
            services.close();
            throw new IllegalStateException("the containers do not start: " + e.getMessage(), e);
        }
    }

    /** {@code amqp://user:password@host:port/}. The user may do everything. */
    public String amqpUrl() {
        return "amqp://" + USER + ":" + PASSWORD + "@" + rabbitMq.getHost() + ":" + rabbitMq.getAmqpPort() + "/";
    }

    /** {@code redis://host:port/0}. */
    public String redisUrl() {
        return "redis://" + redis.getHost() + ":" + redis.getMappedPort(REDIS_PORT) + "/0";
    }

    /** What runs, such as {@code RabbitMQ 4.0.5 + Redis 8.0.2}: it logs in to find out. */
    public String describe() throws IOException, TimeoutException {
        return Probes.broker(amqpUrl()) + " + " + Probes.redis(redisUrl());
    }

    @Override
    public void close() {
        redis.stop();
        rabbitMq.stop();
    }
}
