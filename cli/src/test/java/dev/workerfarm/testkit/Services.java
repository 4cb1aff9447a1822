package dev.workerfarm.testkit;

import dev.workerfarm.lab.node.ContainerRabbitMq;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.lab.node.RabbitMqNode;
import dev.workerfarm.local.EmbeddedBroker;
import dev.workerfarm.local.EmbeddedRedis;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A broker and a Redis for integration tests: the first of
 *
 * <ol>
 *   <li>those that {@code FARM_TEST_AMQP_URL} and {@code FARM_TEST_REDIS_URL} name,
 *   <li>RabbitMQ and Redis from this machine's packages, as private nodes,
 *   <li>RabbitMQ 4 and Redis 8 in containers, where a Docker engine is,
 *   <li>the embedded services.
 * </ol>
 *
 * <p>{@code FARM_TEST_SERVICES} = {@code private}, {@code containers} or {@code embedded} chooses instead. What was
 * chosen and does not start is a failure: it never slides on to the next. Tests of faults start their own
 * {@link #ownRabbitMq} and {@link PrivateRedis}; these here are shared.
 */
public final class Services implements AutoCloseable {
    private static final String AMQP_URL = "FARM_TEST_AMQP_URL";
    private static final String REDIS_URL = "FARM_TEST_REDIS_URL";
    private static final String CHOICE = "FARM_TEST_SERVICES";
    private static final String QUEUE_TYPE = "FARM_TEST_QUEUE_TYPE";

    /** Runs once, and keeps a failure too: a second test class shall not wait for the same. */
    private static final FutureTask<Services> SHARED = new FutureTask<>(Services::startShared);

    /** Where the services come from. */
    public enum Kind {
        GIVEN("given services"),
        PRIVATE_NODES("private nodes"),
        CONTAINERS("containers"),
        EMBEDDED("embedded services");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    private final Kind kind;
    private final String amqpUrl;
    private final String redisUrl;
    private final Deque<AutoCloseable> owned;
    private final Probes.Product broker;
    private final Probes.Product redis;

    private Services(Kind kind, String amqpUrl, String redisUrl, Deque<AutoCloseable> owned) {
        this.kind = kind;
        this.amqpUrl = amqpUrl;
        this.redisUrl = redisUrl;
        this.owned = owned;
        try {
            this.broker = Probes.broker(amqpUrl);
            this.redis = Probes.redis(redisUrl);
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException(kind.words + ": the broker does not answer: " + e, e);
        }
    }

    /**
     * The services of this JVM, started on first use and stopped when it ends.
     *
     * @throws IllegalStateException if there are none, or what was chosen does not start
     */
    public static Services shared() {
        SHARED.run();
        try {
            return SHARED.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("no services to test on: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the services started", e);
        }
    }

    /**
     * Starts the services that the variables ask for, for a test that wants its own. Who starts them closes them.
     *
     * @throws IllegalStateException if what was chosen is not there or does not start
     */
    public static Services start(Map<String, String> environment) {
        var kind = choose(environment);
        Deque<AutoCloseable> owned = new ArrayDeque<>();
        try {
            return switch (kind) {
                case GIVEN ->
                    new Services(
                            kind,
                            environment.getOrDefault(AMQP_URL, ""),
                            environment.getOrDefault(REDIS_URL, ""),
                            owned);
                case PRIVATE_NODES -> {
                    var rabbitMq = own(owned, PrivateRabbitMq.start(QueueType.classic));
                    var redis = own(owned, PrivateRedis.start());
                    yield new Services(kind, rabbitMq.url(), redis.url(), owned);
                }
                case CONTAINERS -> {
                    var containers = own(owned, ContainerServices.start());
                    yield new Services(kind, containers.amqpUrl(), containers.redisUrl(), owned);
                }
                case EMBEDDED -> {
                    var broker = own(owned, EmbeddedBroker.start());
                    var redis = own(owned, EmbeddedRedis.start());
                    yield new Services(kind, broker.url(), redis.url(), owned);
                }
            };
        } catch (RuntimeException e) {
            closeAll(owned);
            throw e;
        }
    }

    /**
     * A RabbitMQ for a test that kills or freezes it: a private node, or RabbitMQ 4 where the choice is containers. Its queues
     * are what {@code FARM_TEST_QUEUE_TYPE} says, or else classic.
     */
    public static RabbitMqNode ownRabbitMq() {
        var type = QueueType.valueOf(System.getenv().getOrDefault(QUEUE_TYPE, QueueType.classic.name()));
        return "containers".equals(System.getenv(CHOICE)) ? ContainerRabbitMq.start(type) : PrivateRabbitMq.start(type);
    }

    public Kind kind() {
        return kind;
    }

    public String amqpUrl() {
        return amqpUrl;
    }

    public String redisUrl() {
        return redisUrl;
    }

    /** Whether the broker is a RabbitMQ, and not the embedded one, which speaks a smaller dialect. */
    public boolean isRabbitMq() {
        return broker.name().equals("RabbitMQ");
    }

    /** One line, such as {@code services: private nodes, RabbitMQ 3.10.8 + Redis 7.0.15}. */
    @Override
    public String toString() {
        return "services: " + kind.words + ", " + broker + " + " + redis;
    }

    /** Stops what was started for this; given services stay. */
    @Override
    public void close() {
        closeAll(owned);
    }

    private static Services startShared() {
        var services = start(System.getenv());
        Runtime.getRuntime().addShutdownHook(new Thread(services::close, "workerfarm-test-services-stop"));
        System.out.println(services);
        return services;
    }

    private static Kind choose(Map<String, String> environment) {
        var forced = environment.getOrDefault(CHOICE, "");
        return switch (forced.strip().toLowerCase(Locale.ROOT)) {
            case "private" -> Kind.PRIVATE_NODES;
            case "containers" -> {
                if (!ContainerRabbitMq.isPossible()) {
                    throw new IllegalStateException(CHOICE + "=containers, but 'docker info' finds no engine");
                }
                yield Kind.CONTAINERS;
            }
            case "embedded" -> Kind.EMBEDDED;
            case "" -> first(environment);
            default ->
                throw new IllegalStateException(CHOICE + "=" + forced + " is none of private, containers, embedded");
        };
    }

    private static Kind first(Map<String, String> environment) {
        var amqp = isSet(environment.get(AMQP_URL));
        if (amqp != isSet(environment.get(REDIS_URL))) {
            throw new IllegalStateException("of " + AMQP_URL + " and " + REDIS_URL + " only one is set: it takes both");
        }
        if (amqp) {
            return Kind.GIVEN;
        }
        if (PrivateRabbitMq.isInstalled() && PrivateRedis.isInstalled()) {
            return Kind.PRIVATE_NODES;
        }
        return ContainerRabbitMq.isPossible() ? Kind.CONTAINERS : Kind.EMBEDDED;
    }

    private static boolean isSet(@Nullable String text) {
        return text != null && !text.isBlank();
    }

    private static <T extends AutoCloseable> T own(Deque<AutoCloseable> owned, T resource) {
        owned.push(resource);
        return resource;
    }

    /** The last started first. One that fails does not keep the others. */
    private static void closeAll(Deque<AutoCloseable> owned) {
        while (!owned.isEmpty()) {
            try {
                owned.pop().close();
            } catch (Exception e) {
                System.err.println("a test service does not stop: " + e);
            }
        }
    }
}
