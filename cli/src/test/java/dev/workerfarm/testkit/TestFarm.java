package dev.workerfarm.testkit;

import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.worker.Worker;
import dev.workerfarm.worker.WorkerConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import javax.net.SocketFactory;

/**
 * A farm of a test's own on some broker and Redis: a namespace that no other test has, and a stranger's hands on its
 * queues. Whoever makes it closes it, after its workers and pools; that removes the queues. Threads may share it.
 */
public final class TestFarm implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(60);

    private final BrokerAddress broker;
    private final QueueNames names;
    private final Map<String, String> environment;

    private TestFarm(String amqpUrl, String redisUrl, String namespace) {
        this.broker = BrokerAddress.parse(amqpUrl);
        this.names = new QueueNames(namespace);
        this.environment = Map.of(
                "FARM_AMQP_URL", amqpUrl,
                "FARM_REDIS_URL", redisUrl,
                "FARM_NAMESPACE", namespace,
                "FARM_JAVA_OPTIONS", "-Xmx512m -XX:TieredStopAtLevel=1",
                "FARM_DOWNLOAD_DIR",
                        Path.of("target", "downloads").toAbsolutePath().toString());
    }

    /** A farm on these services, named after a test class. */
    public static TestFarm on(String amqpUrl, String redisUrl, Class<?> test) {
        // Given services may outlive this run, or serve another at the same time.
        return new TestFarm(
                amqpUrl,
                redisUrl,
                test.getSimpleName() + "-" + ProcessHandle.current().pid());
    }

    /** As {@link #on(String, String, Class)}, on the services of this JVM. */
    public static TestFarm onSharedServices(Class<?> test) {
        return on(Services.shared().amqpUrl(), Services.shared().redisUrl(), test);
    }

    /** The variables that its processes and pools take. */
    public Map<String, String> environment() {
        return environment;
    }

    /** {@link #environment} with another variable. */
    public Map<String, String> environment(String name, String value) {
        Map<String, String> changed = new HashMap<>(environment);
        changed.put(name, value);
        return changed;
    }

    public BrokerAddress broker() {
        return broker;
    }

    public QueueNames names() {
        return names;
    }

    public String tasks() {
        return names.of(TaskQueue.TASKS);
    }

    public String downloads() {
        return names.of(TaskQueue.DOWNLOADS);
    }

    public String dead() {
        return names.dead();
    }

    /** The exchange that reaches all its workers. */
    public String control() {
        return names.control();
    }

    /** Starts worker processes, and waits until they all consume. The caller closes them. */
    public Worker startWorkers(int processes, int downloaders) {
        return startWorkers(processes, downloaders, Map.of());
    }

    /** As {@link #startWorkers(int, int)}, with other variables besides. */
    public Worker startWorkers(int processes, int downloaders, Map<String, String> variables) {
        var all = environment("FARM_PROCESSES", String.valueOf(processes));
        all.putAll(variables);
        all.put("FARM_DOWNLOADERS", String.valueOf(downloaders));
        var workers = Worker.start(WorkerConfig.from(all));
        try {
            if (!workers.awaitReady(READY)) {
                throw new IllegalStateException("the workers do not consume after " + READY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the workers started", e);
        }
        return workers;
    }

    /** A pool. The caller closes it. */
    public Pool connect() {
        return Pool.builder().environment(environment).connect();
    }

    /** Its shared values and arrays. The caller closes them. */
    public RedisSharedState shared() {
        return RedisSharedState.open(
                RedisAddress.parse(environment.getOrDefault("FARM_REDIS_URL", "")), names.namespace());
    }

    /** What is done on a channel of a stranger's own connection. */
    public interface OnChannel<T> {
        T apply(Channel channel) throws IOException;
    }

    /** Does something on a connection made for it, as a client does that is not ours. */
    public <T> T onBroker(OnChannel<T> action) throws IOException, TimeoutException {
        return onBroker(SocketFactory.getDefault(), action);
    }

    /** As {@link #onBroker(OnChannel)}, but eight {@code ~} or more in a row are sent as as many bytes that are no UTF-8. */
    public <T> T onBrokerInBrokenText(OnChannel<T> action) throws IOException, TimeoutException {
        return onBroker(new BrokenText(), action);
    }

    private <T> T onBroker(SocketFactory sockets, OnChannel<T> action) throws IOException, TimeoutException {
        var factory = new ConnectionFactory();
        factory.setSocketFactory(sockets);
        factory.setHost(broker.hosts().get(0).name());
        factory.setPort(broker.hosts().get(0).port());
        factory.setUsername(broker.user());
        factory.setPassword(broker.password());
        factory.setVirtualHost(broker.vhost());
        factory.setAutomaticRecoveryEnabled(false);
        try (var connection = factory.newConnection("workerfarm test");
                var channel = connection.createChannel()) {
            return action.apply(channel);
        }
    }

    /** Publishes anything to a queue and waits for the confirm. */
    public void publish(String queue, AMQP.BasicProperties properties, byte[] body)
            throws IOException, TimeoutException {
        onBroker(channel -> {
            channel.confirmSelect();
            channel.basicPublish("", queue, true, properties, body);
            try {
                return channel.waitForConfirms(10_000);
            } catch (InterruptedException | TimeoutException e) {
                throw new IOException("not confirmed", e);
            }
        });
    }

    /** Messages that wait in a queue; those that a consumer holds do not count on RabbitMQ. */
    public int waiting(String queue) throws IOException, TimeoutException {
        return onBroker(channel -> channel.queueDeclarePassive(queue).getMessageCount());
    }

    /** Takes dead letters away until one fits, and fails where none does within 10 s. */
    public GetResponse awaitDeadLetter(Predicate<GetResponse> fits) {
        return await("a dead letter")
                .atMost(Duration.ofSeconds(10))
                .until(
                        () -> onBroker(channel -> Optional.ofNullable(channel.basicGet(dead(), true)))
                                .filter(fits),
                        Optional::isPresent)
                .orElseThrow();
    }

    /** As {@link #awaitDeadLetter(Predicate)}, by the message's correlation id. */
    public GetResponse awaitDeadLetter(String correlationId) {
        return awaitDeadLetter(letter -> correlationId.equals(letter.getProps().getCorrelationId()));
    }

    /** A header of a message as text. */
    public static String header(GetResponse message, String name) {
        return String.valueOf(message.getProps().getHeaders().get(name));
    }

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        try {
            onBroker(channel -> {
                for (var queue : List.of(tasks(), names.of(TaskQueue.DOWNLOADS), dead())) {
                    channel.queueDelete(queue);
                }
                channel.exchangeDelete(names.control());
                return true;
            });
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException("cannot remove the queues of " + names.namespace(), e);
        }
    }
}
