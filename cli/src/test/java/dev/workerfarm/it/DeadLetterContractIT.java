package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.dead.DeadLetters;
import dev.workerfarm.dead.Fate;
import dev.workerfarm.json.Json;
import dev.workerfarm.testkit.CliRun;
import dev.workerfarm.testkit.Services;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.letter.DeadLetter;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code producer dead}, whole, on whatever broker this run has, and on a quorum queue where that has them. */
@Timeout(60)
class DeadLetterContractIT {
    /** More than a small map of Erlang's holds in order. */
    private static final int MANY = 34;

    private static final int FEW = 3;

    private TestFarm farm;

    @BeforeEach
    void declare() {
        farm = TestFarm.onSharedServices(DeadLetterContractIT.class);
        farm.connect().close(); // declares
    }

    @AfterEach
    void removeQueues() {
        farm.close();
    }

    private CliRun dead(String... args) {
        var line = new ArrayList<>(List.of("dead"));
        line.addAll(List.of(args));
        return CliRun.of(farm.environment(), line.toArray(new String[0]));
    }

    /** As a worker writes it. */
    private void bury(TaskMessage message, String queue) throws Exception {
        var encoded = TaskCodec.encode(message);
        bury(encoded.properties(), encoded.body(), queue);
    }

    private void bury(AMQP.BasicProperties properties, byte[] body, String queue) throws Exception {
        var letter = new DeadLetter(
                        "unknown-task",
                        new Failure("NotRegistered", "celery.exceptions", "no such\ttask", "a stack\n\tat a line"),
                        queue,
                        "cpu-1@host.7",
                        Instant.parse("2026-01-02T03:04:05Z"))
                .encode(properties, body);
        farm.publish(farm.dead(), letter.properties(), letter.body());
    }

    private void bury(String id) throws Exception {
        bury(TaskMessage.of(id, "nix", List.of(1, "two"), Map.of("k", 3), "nobody", Map.of()), farm.tasks());
    }

    private void list(int letters, int times) throws Exception {
        var expected = IntStream.range(0, letters).mapToObj(i -> "letter-" + i).toList();
        for (var id : expected) {
            bury(id);
        }
        for (int i = 0; i < times; i++) {
            assertThat(idsOf(dead("ls", "--json"))).as("listing %d", i).isEqualTo(expected);
        }
        assertThat(idsInTheQueue()).isEqualTo(expected);
    }

    private static List<String> idsOf(CliRun ls) {
        assertThat(ls.err()).isEmpty();
        assertThat(ls.code()).isZero();
        return ls.out()
                .lines()
                .map(line -> Json.read(line) instanceof Map<?, ?> letter ? String.valueOf(letter.get("id")) : line)
                .toList();
    }

    private List<String> idsInTheQueue() throws Exception {
        return farm.onBroker(channel -> {
            List<String> ids = new ArrayList<>();
            for (var got = channel.basicGet(farm.dead(), true);
                    got != null;
                    got = channel.basicGet(farm.dead(), true)) {
                ids.add(got.getProps().getCorrelationId());
            }
            return ids;
        });
    }

    @Test
    void aHundredListingsLeaveAllLettersInTheirOrder() throws Exception {
        list(MANY, 100);
    }

    @Test
    void aHundredListingsLeaveAllLettersInAQuorumQueueThatDropsWhatCameBackTwentyTimes() throws Exception {
        assumeTrue(Services.shared().isRabbitMq(), "only RabbitMQ has quorum queues");
        farm.onBroker(channel -> {
            channel.queueDelete(farm.dead());
            // RabbitMQ 4's default, which earlier versions know as an argument.
            return channel.queueDeclare(
                    farm.dead(), true, false, false, Map.of("x-queue-type", "quorum", "x-delivery-limit", 20));
        });
        list(FEW, 100);
        list(MANY, 6);
    }

    @Test
    void listsNothingWhereNothingDied() {
        var ls = dead("ls");

        assertThat(ls).isEqualTo(new CliRun(0, "", "no dead letters in " + farm.dead() + "\n"));
        assertThat(dead("ls", "--json")).isEqualTo(new CliRun(0, "", ""));
    }

    @Test
    void listsAndShowsWhateverLiesThere() throws Exception {
        bury("a");
        farm.publish(farm.dead(), new AMQP.BasicProperties(), new byte[] {(byte) 0xff});

        var ls = dead("ls");
        assertThat(ls.out().lines().toList())
                .satisfiesExactly(
                        line -> assertThat(line).matches("ID +REASON +TASK +QUEUE +AT +ATTEMPTS +FAILURE"),
                        line -> assertThat(line)
                                .matches("a +unknown-task +nix +" + farm.tasks()
                                        + " +2026-01-02T03:04:05Z +1 +NotRegistered: no such\\?task"),
                        line -> assertThat(line).matches("letter-[0-9a-f]{12} +unknown +- +- +- +1 +-"));

        assertThat(dead("show", "a").out())
                .contains("reason       unknown-task\n")
                .contains("worker       cpu-1@host.7\n")
                .contains("args         [1,\"two\"]\n")
                .contains("kwargs       {\"k\":3}\n")
                .contains("header       lang = java\n")
                .contains("a stack\n at a line\n");
        assertThat(Json.read(dead("show", "a", "--json").out()))
                .asInstanceOf(InstanceOfAssertFactories.map(String.class, Object.class))
                .containsEntry("stack", "a stack\n\tat a line")
                .containsEntry("args", List.of(1L, "two"))
                .containsEntry("generation", 0L)
                .containsEntry("reply_to", "nobody");
        var nameless = ls.out().lines().skip(2).findFirst().orElseThrow().replaceFirst(" .*", "");
        assertThat(dead("show", nameless).out()).contains("base64       /w==");
        assertThat(dead("show", "b")).isEqualTo(new CliRun(1, "", "dead letter b: there is none with this id\n"));
    }

    @Test
    void publishesATaskAgainInItsNextGenerationAndLeavesTheOthers() throws Exception {
        bury("other");
        bury(
                new TaskMessage(
                        "a",
                        "nix",
                        3,
                        1,
                        List.of(7),
                        Map.of(),
                        "nobody",
                        "a",
                        false,
                        Map.of("mine", "kept", "eta", "2026-01-02T03:04:05Z")),
                farm.tasks());

        var replay = dead("replay", "a", "b", "--json");

        assertThat(replay.out().lines().toList())
                .containsExactly(
                        "{\"id\":\"a\",\"ok\":true," + sorted(replay.out(), farm.tasks()),
                        "{\"id\":\"b\",\"ok\":false,\"error\":{\"message\":\"there is none with this id\"}}");
        assertThat(replay.code()).isEqualTo(1);
        var got = farm.onBroker(channel -> channel.basicGet(farm.tasks(), true));
        var task = TaskCodec.decode(got.getProps(), got.getBody());
        assertThat(task.id()).isEqualTo("a");
        assertThat(task.generation()).isEqualTo(2);
        assertThat(task.retries()).isZero();
        assertThat(task.args()).isEqualTo(List.of(7L));
        assertThat(task.replyTo()).isEqualTo("nobody");
        assertThat(task.storesResult()).isTrue();
        assertThat(task.headers()).containsEntry("mine", "kept").containsEntry("eta", null);
        assertThat(task.headers().keySet()).noneMatch(name -> name.startsWith("farm-dead-"));
        assertThat((List<?>) task.headers().get("farm-history"))
                .singleElement()
                .asInstanceOf(InstanceOfAssertFactories.map(String.class, Object.class))
                .containsEntry("reason", "unknown-task")
                .containsEntry("generation", 1)
                .containsEntry("attempts", 4);
        assertThat(idsOf(dead("ls", "--json"))).containsExactly("other");
    }

    @Test
    void killedBehindThePublishAReplayPublishesTheSameGenerationOnceMore() throws Exception {
        bury("a");
        bury("b");
        try (var letters = DeadLetters.connect(farm.broker(), farm.names(), Duration.ofSeconds(10))) {
            assertThatThrownBy(() -> letters.read(letter -> {
                        if (letter.id().equals("b")) {
                            throw new IllegalStateException("killed");
                        }
                        return new Fate.Leaves(farm.tasks(), letter.replay(Instant.EPOCH), () -> {}, refused -> {});
                    }))
                    .hasMessage("killed");
        }

        assertThat(dead("replay", "--all")).isEqualTo(new CliRun(0, "a\nb\n", ""));

        List<String> published = farm.onBroker(channel -> {
            List<String> tasks = new ArrayList<>();
            for (var got = channel.basicGet(farm.tasks(), true);
                    got != null;
                    got = channel.basicGet(farm.tasks(), true)) {
                var task = TaskCodec.decode(got.getProps(), got.getBody());
                tasks.add(task.id() + " " + task.generation());
            }
            return tasks;
        });
        assertThat(published).containsExactly("a 1", "a 1", "b 1");
        assertThat(idsInTheQueue()).isEmpty();
    }

    /** The two fields that a Map.of has in any order. */
    private static String sorted(String out, String queue) {
        var generationFirst = out.contains("true,\"generation\"");
        return generationFirst
                ? "\"generation\":2,\"queue\":\"" + queue + "\"}"
                : "\"queue\":\"" + queue + "\",\"generation\":2}";
    }

    @Test
    void unpacksALetterWhoseHeadersWereTooLarge() throws Exception {
        var encoded = TaskCodec.encode(TaskMessage.of("large", "nix", List.of(1), Map.of(), null, Map.of()));
        Map<String, Object> headers = new HashMap<>(encoded.properties().getHeaders());
        headers.put("large", "x".repeat(70_000));
        bury(encoded.properties().builder().headers(headers).build(), encoded.body(), farm.tasks());

        assertThat(dead("show", "large", "--json").out()).contains("\"args\":[1]");
        assertThat(dead("replay", "--all")).isEqualTo(new CliRun(0, "large\n", ""));

        var got = farm.onBroker(channel -> channel.basicGet(farm.tasks(), true));
        var task = TaskCodec.decode(got.getProps(), got.getBody());
        assertThat(task.generation()).isEqualTo(1);
        assertThat(task.headers().get("large")).isEqualTo("x".repeat(70_000));
        assertThat(idsInTheQueue()).isEmpty();
    }

    @Test
    void whatNoQueueTakesStays() throws Exception {
        bury(TaskMessage.of("lost", "nix", List.of(), Map.of(), null, Map.of()), "gone");
        farm.publish(
                farm.dead(),
                new AMQP.BasicProperties.Builder().correlationId("nowhere").build(),
                new byte[0]);

        var replay = dead("replay", "--all");

        assertThat(replay.code()).isEqualTo(1);
        assertThat(replay.out()).isEmpty();
        assertThat(replay.err().lines().toList())
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line)
                                .startsWith("dead letter lost: it stays: ")
                                .contains("queue=gone"),
                        line -> assertThat(line)
                                .isEqualTo("dead letter nowhere: it does not say which queue it came from; name one"
                                        + " with --queue"));
        assertThat(dead("replay", "lost", "--queue", farm.tasks())).isEqualTo(new CliRun(0, "lost\n", ""));
        assertThat(idsInTheQueue()).containsExactly("nowhere");
    }

    @Test
    void throwsLettersAway() throws Exception {
        bury("a");
        bury("b");
        bury("c");

        assertThat(dead("rm", "b", "x")).isEqualTo(new CliRun(1, "b\n", "dead letter x: there is none with this id\n"));
        assertThat(idsOf(dead("ls", "--json"))).containsExactly("a", "c");
        assertThat(dead("rm", "--all", "--json"))
                .isEqualTo(new CliRun(0, "{\"id\":\"a\",\"ok\":true}\n{\"id\":\"c\",\"ok\":true}\n", ""));
        assertThat(idsInTheQueue()).isEmpty();
    }

    @Test
    void aSecondReaderWaitsForTheFirst() throws Exception {
        assumeTrue(Services.shared().isRabbitMq(), "Broker-J lets others declare an exclusive queue again");
        bury("a");
        var lock = farm.dead().replaceFirst("dead$", "control.dead-letters");

        var code = farm.onBroker(channel -> {
            channel.queueDeclare(lock, false, true, true, Map.of());
            return dead("ls", "--timeout", "300ms").code();
        });

        assertThat(code).isEqualTo(4);
        assertThat(idsOf(dead("ls", "--json"))).containsExactly("a");
    }
}
