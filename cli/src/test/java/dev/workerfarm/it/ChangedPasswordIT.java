package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workerfarm.admin.FarmAdmin;
import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.UpdateValue;
import dev.workerfarm.worker.Worker;
import dev.workerfarm.worker.WorkerConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** Passwords in files, which are changed while a farm runs. */
@Timeout(120)
class ChangedPasswordIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    @Test
    void workersProducersAndAdminsReadTheFilesAgainAtTheirNextConnection() throws Exception {
        assumeTrue(
                PrivateRabbitMq.isInstalled() && PrivateRedis.isInstalled(),
                "no rabbitmq-server or redis-server on this machine, so there is none whose passwords can be changed");
        try (var rabbitMq = PrivateRabbitMq.start(QueueType.classic);
                var store = PrivateRedis.start();
                var operator = new Jedis(URI.create(store.url()))) {
            rabbitMq.ctl("add_user", "app", "first");
            rabbitMq.ctl("set_permissions", "app", ".*", ".*", ".*");
            operator.aclSetUser("app", "on", ">first", "~*", "&*", "+@all");
            write(rabbitMq, store, "first");
            var environment = environment();
            try (var workers = Worker.start(WorkerConfig.from(environment));
                    var pool = Pool.builder().environment(environment).connect();
                    var shared = RedisSharedState.open(RedisAddress.from(environment), QueueNames.DEFAULT_NAMESPACE);
                    var admin = FarmAdmin.open(
                            BrokerAddress.from(environment),
                            RedisAddress.from(environment),
                            new QueueNames(QueueNames.DEFAULT_NAMESPACE))) {
                assertThat(workers.awaitReady(SOON)).isTrue();
                pool.applyAsync(UpdateValue.TYPE, "counted", 1).get(SOON);
                assertThat(shared.value("counted").getLong()).isEqualTo(1);
                var first = workers.pids();

                rabbitMq.ctl("change_password", "app", "second");
                operator.aclSetUser("app", "resetpass", ">second");
                write(rabbitMq, store, "second");
                rabbitMq.ctl("close_all_connections", "the password has changed");
                operator.clientKill(new redis.clients.jedis.params.ClientKillParams().user("app"));

                assertThat(pool.applyAsync(Square.TYPE, 3).get(SOON)).isEqualTo(9L);
                pool.applyAsync(UpdateValue.TYPE, "counted", 1).get(SOON);
                await().atMost(SOON)
                        .ignoreExceptions()
                        .until(() -> shared.value("counted").getLong() == 2);
                try (var status = admin.status(null)) {
                    assertThat(status.ask(SOON).workers()).hasSize(1);
                }
                assertThat(admin.result("unknown")).isNull();
                assertThat(workers.pids()).as("no process was replaced").isEqualTo(first);

                ProcessHandle.of(first.get(0)).orElseThrow().destroyForcibly();
                await().atMost(SOON).until(() -> !workers.pids().equals(first) && workers.awaitReady(SOON));
                assertThat(pool.applyAsync(Square.TYPE, 4).get(SOON)).isEqualTo(16L);

                // A file that has gone changes nothing: what was read last counts.
                Files.delete(amqp());
                rabbitMq.ctl("close_all_connections", "again");
                assertThat(pool.map(Square.TYPE, List.of(5))).isEqualTo(List.of(25L));
            }
        }
    }

    private Path amqp() {
        return folder.resolve("amqp-url");
    }

    private Path redis() {
        return folder.resolve("redis-url");
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        environment.put("FARM_AMQP_URL_FILE", amqp().toString());
        environment.put("FARM_REDIS_URL_FILE", redis().toString());
        environment.put("FARM_PROCESSES", "1");
        environment.put("FARM_DOWNLOADERS", "0");
        return environment;
    }

    private void write(PrivateRabbitMq rabbitMq, PrivateRedis store, String password) throws IOException {
        Files.writeString(amqp(), "amqp://app:" + password + "@" + rabbitMq.host() + "/");
        Files.writeString(redis(), store.url().replaceFirst("//([^@]*@)?", "//app:" + password + "@"));
    }
}
