package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.testkit.CliRun;
import dev.workerfarm.testkit.PrivateFarm;
import dev.workerfarm.testkit.TestFarm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What the command line knows of single tasks and of task names, on a real broker, a real Redis and worker processes. */
@Timeout(60)
class WhereIsMyTaskIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    /** Of its own, as on shared services other tests have messages whose time has not come. */
    @RegisterExtension
    private static final PrivateFarm PRIVATE = PrivateFarm.withWorkers(1, 1);

    private static TestFarm farm;
    private static Pool pool;

    @TempDir
    private Path scratch;

    @BeforeAll
    static void start() {
        farm = PRIVATE.farm();
        pool = farm.connect();
    }

    @AfterAll
    static void stop() {
        pool.terminate();
    }

    private static CliRun producer(String... args) {
        return CliRun.of(farm.environment(), args);
    }

    private String begin() {
        var mark = scratch.resolve("mark");
        var id = pool.task("test.gated")
                .queue(farm.tasks())
                .storing()
                .publish(mark.toString(), scratch.resolve("gate").toString(), "x")
                .get();
        await("the task").atMost(SOON).until(() -> Files.exists(mark));
        return id;
    }

    @Test
    void resultSaysWhoRunsATaskAndThenWhatItReturned() throws Exception {
        var id = begin();

        var running = producer("result", id);
        assertThat(running.err()).matches("no result of " + id + " is there: it is running on cpu-1@\\S+\n");
        assertThat(running.code()).isEqualTo(4);
        assertThat(producer("result", id, "--json").out())
                .matches("\\{\"index\":0,\"id\":\"" + id
                        + "\",\"ok\":false,\"worker\":\"cpu-1@[^\"]+\",\"state\":\"running\"}\n");

        Files.createFile(scratch.resolve("gate"));
        assertThat(producer("result", id, "--timeout", "20s", "--json"))
                .isEqualTo(new CliRun(
                        0,
                        "{\"index\":0,\"id\":\"" + id + "\",\"ok\":true,\"value\":\"x\",\"state\":\"finished\"}\n",
                        ""));
    }

    @Test
    void resultTellsARevokedTaskFromOneThatNobodyHasSeen() {
        assertThat(producer("result", "nobody-1").err())
                .startsWith("no result of nobody-1 is there: not seen: waiting or unknown")
                .hasLineCount(1);
        assertThat(producer("result", "nobody-1", "--json"))
                .isEqualTo(
                        new CliRun(4, "{\"index\":0,\"id\":\"nobody-1\",\"ok\":false,\"state\":\"not-seen\"}\n", ""));

        assertThat(producer("revoke", "a-map").code()).isEqualTo(4);
        assertThat(producer("result", "a-map:7"))
                .isEqualTo(new CliRun(1, "", "no result of a-map:7 is there: it was revoked\n"));
        assertThat(producer("result", "a-map", "--json").out()).contains("\"state\":\"revoked\"");
    }

    @Test
    void revokeSaysWhichIdsNobodyKnowsAndItsExitCodeTells() {
        var id = begin();

        var revoked = producer("revoke", "nobody-2", id, "--json");

        assertThat(revoked.out()).isEqualTo("{\"stored\":true,\"told\":true,\"unknown\":[\"nobody-2\"]}\n");
        assertThat(revoked.err()).startsWith("nobody knows nobody-2: ").hasLineCount(1);
        assertThat(revoked.code()).isEqualTo(4);
        assertThat(producer("result", id, "--timeout", "20s").err()).contains("TaskRevokedError");
    }

    @Test
    void revokeIsSilentAboutATaskWhoseTimeHasNotCome() throws Exception {
        var id = producer("run", "echo", "1", "--countdown", "1h", "--detach")
                .out()
                .strip();

        assertThat(producer("revoke", id)).isEqualTo(new CliRun(0, "", ""));
        farm.onBroker(channel -> {
            for (var queue : Topology.DELAYS) {
                channel.queuePurge(queue);
            }
            return true;
        });
    }

    @Test
    void tasksListsWhatTheWorkersKnow() {
        var tasks = producer("tasks");

        assertThat(tasks.out()).containsPattern("TASK +LANES +WORKERS\n");
        assertThat(tasks.out()).containsPattern("square +cpu,io +2 of 2\n");
        assertThat(tasks.code()).isZero();
        assertThat(producer("tasks", "--json").out())
                .contains("{\"task\":\"test.gated\",\"lanes\":[\"cpu\",\"io\"],\"workers\":2,\"of\":2}\n");
    }

    @Test
    void aTaskNameWithASlipIsAnsweredWithTheNearestName() {
        assertThat(producer("run", "sqare", "3").err()).contains("NotRegistered", "did you mean 'square'?");
        assertThat(producer("run", "quite.another", "3").err())
                .contains("NotRegistered")
                .doesNotContain("did you mean");
    }

    @Test
    void aTaskNameWithoutEndDoesNotRuinTheListOfDeadLetters() throws Exception {
        Map<String, Object> headers = Map.of("task", "x".repeat(60_000), "id", "a-long-name");
        var properties = new AMQP.BasicProperties.Builder().headers(headers).build();
        farm.publish(farm.tasks(), properties, TestFarm.bytes("[[], {}, {}]"));
        await("the letter")
                .atMost(SOON)
                .until(() -> producer("dead", "ls").out().contains("xxx..."));

        var letters = producer("dead", "ls");

        assertThat(letters.out().lines()).allMatch(line -> line.length() < 400);
    }

    @Test
    void aProgressBarHasATotalWhereTheInputIsARegularFile() throws Exception {
        var list = Files.writeString(scratch.resolve("list"), "1\n\n2\n3\n");

        var run = CliRun.of(farm.environment("FARM_STDERR_TTY", "1"), "map", "square", "-i", list.toString());

        assertThat(run.out()).isEqualTo("1\n4\n9\n");
        assertThat(run.err()).contains("3/3");
    }
}
