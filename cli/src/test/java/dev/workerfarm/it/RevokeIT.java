package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.pool.Pool;
import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.redis.ledger.Commit;
import dev.workerfarm.redis.ledger.Journal;
import dev.workerfarm.redis.ledger.Ledger;
import dev.workerfarm.redis.ledger.TaskLedger;
import dev.workerfarm.testkit.CliRun;
import dev.workerfarm.testkit.Gated;
import dev.workerfarm.testkit.Stubborn;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.OutcomeText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code producer revoke} and {@code producer result}, whole, on a real broker, a real Redis and a worker. */
@Timeout(90)
class RevokeIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path scratch;

    private TestFarm farm;
    private Pool pool;

    @BeforeEach
    void connect() {
        farm = TestFarm.onSharedServices(RevokeIT.class);
        pool = farm.connect();
    }

    @AfterEach
    void close() {
        pool.terminate();
        farm.close();
    }

    private CliRun producer(String... args) {
        return CliRun.of(farm.environment(), args);
    }

    private String publish(String task, Object... args) {
        return pool.task(task).queue(farm.tasks()).storing().publish(args).get();
    }

    private String file(String name) {
        return scratch.resolve(name).toString();
    }

    private void awaitFile(String name) {
        await().atMost(SOON).until(() -> Files.exists(scratch.resolve(name)));
    }

    private CliRun result(String id) {
        return producer("result", id, "--timeout", "20s");
    }

    @Test
    void aTaskThatIsRevokedWhileEveryWorkerIsDownNeverStarts() {
        var revoked = publish("test.gated", file("mark"), file("gate"), "x");
        assertThat(producer("revoke", revoked)).isEqualTo(new CliRun(0, "", ""));
        var other = publish("square", 3);

        try (var workers = farm.startWorkers(1, 0)) {
            assertThat(result(revoked))
                    .isEqualTo(new CliRun(1, "", "task " + revoked + " failed: TaskRevokedError: revoked\n"));
            assertThat(result(other)).isEqualTo(new CliRun(0, "9\n", ""));
            assertThat(workers.pids()).hasSize(1);
        }
        assertThat(scratch.resolve("mark")).doesNotExist();
    }

    @Test
    void whatHasCommittedIsTooLateToBeRevoked() {
        var id = publish("update_value", "late", 1);
        try (var shared = farm.shared()) {
            // As a worker leaves it that was killed before it could publish.
            var ledger = new TaskLedger(shared);
            var committed = OutcomeText.of(new Outcome.Succeeded(41)).text();
            assertThat(ledger.commit(
                            new TaskRun(id, 0, 0),
                            List.of(new Ledger.Entry(0, committed)),
                            ledger.journal(new Journal.Reader() {
                                @Override
                                public <T> T read(Supplier<T> question) {
                                    return question.get();
                                }
                            })))
                    .isEqualTo(new Commit.Done());
            assertThat(producer("revoke", id).code()).isZero();

            try (var workers = farm.startWorkers(1, 0)) {
                assertThat(result(id)).isEqualTo(new CliRun(0, "41\n", ""));
                assertThat(workers.pids()).hasSize(1);
            }
            assertThat(shared.value("late").delete()).as("it was there").isFalse();
        }
    }

    @Test
    void aRunningTaskIsInterruptedAndOneThatDoesNotHearItIsEndedWithItsProcess() {
        try (var workers = farm.startWorkers(1, 0)) {
            var before = workers.pids();
            var gated = publish("test.gated", file("gated"), file("gate"), "x");
            awaitFile("gated");
            assertThat(producer("revoke", gated).code()).isZero();
            assertThat(result(gated))
                    .isEqualTo(new CliRun(1, "", "task " + gated + " failed: TaskRevokedError: terminated\n"));
            assertThat(workers.pids()).isEqualTo(before);

            var deaf = publish(Stubborn.TYPE.name(), file("deaf"));
            awaitFile("deaf");
            assertThat(producer("revoke", deaf, "--hard", "--json"))
                    .isEqualTo(new CliRun(0, "{\"stored\":true,\"told\":true}\n", ""));
            assertThat(result(deaf))
                    .isEqualTo(new CliRun(1, "", "task " + deaf + " failed: TaskRevokedError: revoked\n"));
            await().atMost(SOON)
                    .until(() -> workers.pids().size() == 1 && !workers.pids().equals(before));
        }
        assertThat(Gated.TYPE.name()).isEqualTo("test.gated");
    }

    @Test
    void withoutRedisTheWorkersThatAreThereAreToldAndItSaysThatNoOthersAre() {
        var withoutRedis = farm.environment("FARM_REDIS_URL", "redis://127.0.0.1:1/0");
        try (var workers = farm.startWorkers(1, 0)) {
            var gated = publish("test.gated", file("mark"), file("gate"), "x");
            awaitFile("mark");

            var revoke = CliRun.of(withoutRedis, "revoke", gated);

            assertThat(revoke.code()).isEqualTo(3);
            assertThat(revoke.err())
                    .startsWith("only the workers that are connected now were told: Redis at 127.0.0.1:1");
            assertThat(result(gated).err()).contains("terminated");
            assertThat(CliRun.of(withoutRedis, "revoke", "another", "--hard").code())
                    .isEqualTo(3);
            assertThat(workers.pids()).hasSize(1);
        }
    }

    @Test
    void theResultsOfDetachedTasksAreThereAndAnUnknownIdIsSaidToBe() {
        try (var workers = farm.startWorkers(1, 0)) {
            assertThat(workers.pids()).hasSize(1);
            var ids = producer("square", "2", "abc", "--detach").out().lines().toList();
            assertThat(ids).hasSize(2);
            assertThat(result(ids.get(0))).isEqualTo(new CliRun(0, "4\n", ""));
            assertThat(result(ids.get(1)).err()).contains("failed: TypeError: square()");
            assertThat(producer("result", ids.get(0), "--json").out())
                    .isEqualTo("{\"index\":0,\"id\":\"" + ids.get(0)
                            + "\",\"ok\":true,\"value\":4,\"state\":\"finished\"}\n");

            var unknown = producer("result", "nobody");
            assertThat(unknown.code()).isEqualTo(4);
            assertThat(unknown.out()).isEmpty();
            assertThat(unknown.err()).startsWith("no result of nobody is there").hasLineCount(1);
            assertThat(producer("result", "nobody", "--timeout", "200ms").code())
                    .isEqualTo(4);
            assertThat(CliRun.of(farm.environment("FARM_REDIS_URL", "redis://127.0.0.1:1/0"), "result", "x")
                            .code())
                    .isEqualTo(3);
        }
    }

    @Test
    void aTaskThatDiesAgainIsInItsNextGenerationWithItsHistory() {
        try (var workers = farm.startWorkers(1, 0)) {
            assertThat(workers.pids()).hasSize(1);
            var id = publish("nix", 1);
            assertThat(result(id).err()).contains("NotRegistered");
            await().atMost(SOON).until(() -> producer("dead", "ls").out().contains(id));

            assertThat(producer("dead", "replay", id)).isEqualTo(new CliRun(0, id + "\n", ""));

            await().atMost(SOON)
                    .until(() ->
                            producer("dead", "show", id, "--json").out().contains("\"generation\":1,\"attempts\":1"));
            assertThat(producer("dead", "show", id).out())
                    .contains("generation   1\n")
                    .contains("before       {\"generation\":0,\"attempts\":1,\"reason\":\"unknown-task\"");
        }
    }
}
