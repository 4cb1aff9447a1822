package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.status.StatusClient;
import dev.workerfarm.task.BuiltIn.Fail;
import dev.workerfarm.task.BuiltIn.Sleep;
import dev.workerfarm.task.Download;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.UpdateArray;
import dev.workerfarm.task.UpdateValue;
import dev.workerfarm.testkit.CliRun;
import dev.workerfarm.testkit.TestFarm;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Jedis;

/**
 * The users of {@code docs/operations.md}, made by the commands that stand there: they may do what the farm does, and no
 * more. What comes to need another permission or command is found here, and written there.
 */
@Timeout(180)
class OperationsPageIT {
    private static final Path PAGE = Path.of("..", "docs", "operations.md");

    @Test
    void theUsersOfTheOperationsPageMayDoWhatTheFarmDoes() throws Exception {
        assumeTrue(
                PrivateRabbitMq.isInstalled() && PrivateRedis.isInstalled(),
                "no rabbitmq-server or redis-server installed on this machine, so no users can be made there");
        try (var rabbitMq = PrivateRabbitMq.start(QueueType.classic);
                var redis = PrivateRedis.start()) {
            var amqp = URI.create(rabbitMq.url());
            var redisUrl = "redis://farm:FARM-PASSWORD@" + place(URI.create(redis.url())) + "/0";
            try (var workersFarm = TestFarm.on("amqp://worker:WORKER-PASSWORD@" + place(amqp), redisUrl, getClass());
                    var callersFarm =
                            TestFarm.on("amqp://producer:PRODUCER-PASSWORD@" + place(amqp), redisUrl, getClass());
                    var admin = new Jedis(URI.create(redis.url()))) {
                var namespace = workersFarm.environment().getOrDefault("FARM_NAMESPACE", "");
                makeBrokerUsers(rabbitMq, namespace);
                makeRedisUser(admin, namespace);

                try (var workers = workersFarm.startWorkers(1, 1, Map.of("FARM_CONSUMER_TIMEOUT", "1s"));
                        var shared = callersFarm.shared()) {
                    assertThat(workers.pids()).hasSize(2);
                    callTasks(callersFarm);
                    runLong(rabbitMq, callersFarm);
                    askForTheStatus(callersFarm);
                    useSharedState(shared);
                    useTheCommandLine(callersFarm);
                }
                assertThat(admin.aclLog()).isEmpty();
                // A stranger's queue, by the producer's user.
                assertThatThrownBy(() -> callersFarm.onBroker(
                                channel -> channel.queueDeclare("other", true, false, false, null)))
                        .isInstanceOf(IOException.class)
                        .hasStackTraceContaining("ACCESS_REFUSED");
                sayWhichVirtualHostIsRefused(rabbitMq, callersFarm);
                sayWhichPermissionTheStatusLacks(rabbitMq, callersFarm);
            }
        }
    }

    private static void makeBrokerUsers(PrivateRabbitMq rabbitMq, String namespace) throws IOException {
        var commands = lines("rabbitmqctl ").stream()
                .filter(line -> line.contains(" worker ") || line.contains(" producer "))
                .toList();
        assertThat(commands).hasSize(4);
        for (var command : commands) {
            var words = command.replace("farm\\.", namespace + "\\.")
                    .replace("'", "")
                    .split(" ", -1);
            rabbitMq.ctl(Arrays.copyOfRange(words, 1, words.length));
        }
    }

    private static void makeRedisUser(Jedis admin, String namespace) throws IOException {
        var commands = lines("ACL SETUSER ");
        assertThat(commands).hasSize(1);
        var words = commands.get(0).replace("{farm}", "{" + namespace + "}").split(" ", -1);
        admin.aclSetUser(words[2], Arrays.copyOfRange(words, 3, words.length));
    }

    private static void callTasks(TestFarm farm) {
        try (var pool = farm.connect()) {
            assertThat(pool.map(Square.TYPE, List.of(1, 2, 3))).isEqualTo(List.of(1L, 4L, 9L));
            assertThat(pool.apply(UpdateValue.TYPE, "v", 2)).isEqualTo(2L);
            try (var shared = farm.shared()) {
                shared.array("a").make(List.of(1, 2));
            }
            assertThat(pool.apply(UpdateArray.TYPE, "a", 1)).isNotNull();
            var later = pool.task(Square.TYPE).countdown(Duration.ofSeconds(1));
            assertThat(later.applyAsync(3).get(Duration.ofSeconds(30))).isEqualTo(9L);
            var again = pool.task(Fail.TYPE).retry(RetryPolicy.of(2).withJitter(0));
            assertThatThrownBy(() -> again.applyAsync("twice").get(Duration.ofSeconds(30)))
                    .isInstanceOf(TaskFailedException.class)
                    .hasMessageContaining("twice");
            assertThatThrownBy(() -> pool.apply(Download.TYPE, "http://127.0.0.1:1/file"))
                    .isInstanceOf(TaskFailedException.class)
                    .hasMessageContaining("loopback");
            assertThatThrownBy(() -> pool.task("no-such-task").apply(1)) // by way of the dead letters
                    .isInstanceOf(TaskFailedException.class)
                    .hasMessageContaining("NotRegistered");
        }
    }

    /** Longer than the worker takes the broker's patience for. */
    private static void runLong(PrivateRabbitMq rabbitMq, TestFarm farm) {
        try (var pool = farm.connect()) {
            assertThat(pool.apply(Sleep.TYPE, 1_200, "awake")).isEqualTo("awake");
        }
        assertThat(rabbitMq.ctl("list_consumers", "queue_name")).contains(".running.cpu-1@");
    }

    /** What only the command line does: the call of an unknown task before has left a letter. */
    private static void useTheCommandLine(TestFarm farm) {
        var environment = farm.environment();
        var revoked = CliRun.of(environment, "revoke", "nobody");
        assertThat(revoked.code()).as(revoked.err()).isEqualTo(4);
        assertThat(revoked.err()).startsWith("nobody knows nobody: ");
        var ls = CliRun.of(environment, "dead", "ls", "--json");
        assertThat(ls.err()).isEmpty();
        var unknown = Pattern.compile("\"id\":\"([^\"]+)\".*no-such-task").matcher(ls.out());
        assertThat(unknown.find()).as(ls.out()).isTrue();
        var replayed = CliRun.of(environment, "dead", "replay", unknown.group(1));
        assertThat(replayed).isEqualTo(new CliRun(0, unknown.group(1) + "\n", ""));
        assertThat(CliRun.of(environment, "result", unknown.group(1), "--wait", "--timeout", "20s")
                        .err())
                .contains("NotRegistered");
    }

    private static void askForTheStatus(TestFarm farm) throws InterruptedException {
        try (var client = StatusClient.connect(farm.broker(), farm.names(), null)) {
            assertThat(client.ask(Duration.ofSeconds(10)).workers()).hasSize(2);
        }
    }

    private static void sayWhichVirtualHostIsRefused(PrivateRabbitMq rabbitMq, TestFarm farm) throws IOException {
        rabbitMq.ctl("add_vhost", "theirs");
        var broker = farm.broker();
        var url = "amqp://" + broker.user() + ":" + broker.password() + "@" + broker.hostList() + "/theirs";
        assertThatThrownBy(() -> Pool.builder().broker(url).connect())
                .isInstanceOf(BrokerUnreachableException.class)
                .hasMessageContaining(
                        "has no virtual host 'theirs', or user 'producer' may not use it (530 NOT_ALLOWED");
    }

    /** With the permissions that a producer needed before there was a status. */
    private static void sayWhichPermissionTheStatusLacks(PrivateRabbitMq rabbitMq, TestFarm farm) throws IOException {
        rabbitMq.ctl("set_permissions", "producer", ".*", "^$", "^$");
        try (var client = StatusClient.connect(farm.broker(), farm.names(), null)) {
            assertThatThrownBy(() -> client.ask(Duration.ofSeconds(10)))
                    .isInstanceOf(BrokerUnreachableException.class)
                    .hasMessageContaining("ACCESS_REFUSED")
                    .hasMessageContaining(farm.names().control())
                    .hasMessageContaining("permissions");
        }
    }

    /** Every operation, and of each script the branch with the most commands. */
    private static void useSharedState(RedisSharedState shared) {
        shared.ping();
        var value = shared.value("big");
        value.set(Long.MAX_VALUE - 1);
        assertThat(value.addAndGet(1)).isEqualTo(Long.MAX_VALUE);
        assertThatThrownBy(() -> value.addAndGet(1)).isInstanceOf(SharedStateException.class);
        assertThat(value.compareAndSet(Long.MAX_VALUE, 1)).isTrue();
        assertThat(value.get()).isEqualTo(1L);
        assertThat(value.delete()).isTrue();

        var array = shared.array("big");
        array.fill(3, Long.MAX_VALUE - 5);
        array.set(0, 1);
        assertThat(array.addAndGet(1, 1)).isEqualTo(Long.MAX_VALUE - 4);
        assertThat(array.addToAllAndGet(2)).containsExactly(3L, Long.MAX_VALUE - 2, Long.MAX_VALUE - 3);
        assertThat(array.slice(0, 1)).containsExactly(3L);
        assertThat(array.get(0)).isEqualTo(3L);
        assertThat(array.toList()).hasSize(array.length());
        array.set(0, List.of(1, 2));
        assertThat(array.slice(0, 2)).containsExactly(1L, 2L);
        array.make(List.of(1.5, 2));
        assertThat(array.addAndGet(0, 1)).isEqualTo(2.5);
        assertThat(array.delete()).isTrue();

        var lock = shared.lock("big");
        try (var held = lock.acquire(Duration.ofSeconds(20), Duration.ZERO)) {
            assertThat(lock.tryAcquire(Duration.ofSeconds(1))).isEmpty();
            assertThat(held.isHeld()).isTrue();
            assertThat(held.extend(Duration.ofSeconds(30))).isTrue();
        }
        lock.acquire(Duration.ofSeconds(20), Duration.ZERO).close();
    }

    private static List<String> lines(String start) throws IOException {
        return Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith(start))
                .toList();
    }

    private static String place(URI url) {
        return url.getHost() + ":" + url.getPort();
    }
}
