package dev.workerfarm.lab.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.lab.node.RabbitMqNode;
import dev.workerfarm.redis.RedisSharedState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** That a count or a queue that is wrong is seen; on a Redis of its own. */
class InspectionIT {
    private static final long TASKS = 2_001;
    private static final String EMPTY = queues("classic", 0, 0);

    private static PrivateRedis redis;
    private static RedisSharedState shared;

    @BeforeAll
    static void start() {
        assumeTrue(PrivateRedis.isInstalled(), "no redis-server installed on this machine");
        redis = PrivateRedis.start();
        shared = RedisSharedState.open(RedisAddress.parse(redis.url()), "farm");
    }

    @AfterAll
    static void stop() {
        if (redis != null) {
            shared.close();
            redis.close();
        }
    }

    @BeforeEach
    void countRight() {
        shared.value(StormTask.TOTAL).set(TASKS);
        shared.array(StormTask.ARRAY).fill(StormTask.ELEMENTS, 2);
        shared.array(StormTask.ARRAY).set(0, 3);
    }

    @Test
    void whatIsRightHasNoDifferences() {
        assertThat(differences(Duration.ZERO, EMPTY)).isEmpty();
    }

    @Test
    void aTotalAndAnElementThatAreOneOffAreSeen() {
        shared.value(StormTask.TOTAL).set(TASKS + 1);
        shared.array(StormTask.ARRAY).set(999, 1);

        assertThat(differences(Duration.ZERO, EMPTY))
                .containsExactly("total is 2002, not 2001: 1", "element 999 is 1, not 2");
    }

    @Test
    void ofManyWrongElementsTheFirstAreNamed() {
        shared.array(StormTask.ARRAY).fill(StormTask.ELEMENTS, 9);

        assertThat(differences(Duration.ZERO, EMPTY))
                .hasSize(6)
                .contains("element 0 is 9, not 3", "995 more elements of 1000 are wrong");
    }

    @Test
    void aDeadLetterAnUnackedMessageAndAnotherQueueTypeAreSeen() {
        assertThat(differences(Duration.ZERO, queues("classic", 1, 0)))
                .containsExactly("queue farm.dead has 1 messages ready and 0 unacked");
        assertThat(differences(Duration.ZERO, queues("classic", 0, 1)))
                .containsExactly("queue farm.tasks has 0 messages ready and 1 unacked");
        assertThat(differences(Duration.ZERO, queues("quorum", 0, 0)))
                .contains("queue farm.tasks is quorum, not classic");
        assertThat(differences(Duration.ZERO, "[]"))
                .containsExactlyInAnyOrder("queue farm.tasks is not there", "queue farm.dead is not there");
    }

    @Test
    void queuesThatBecomeEmptyInTimeAreRight() {
        assertThat(differences(Duration.ofMinutes(1), queues("classic", 0, 1), EMPTY))
                .isEmpty();
    }

    private static List<String> differences(Duration settledWithin, String... answers) {
        var broker = new SaidByCtl(new ArrayDeque<>(List.of(answers)));
        return new Inspection(shared, broker, new QueueNames("farm"), QueueType.classic, settledWithin)
                .differences(TASKS);
    }

    private static String queues(String type, int dead, int unackedTasks) {
        return """
               [{"name":"farm.dead","type":"%s","messages_ready":%d,"messages_unacknowledged":0}
               ,{"name":"farm.tasks","type":"%s","messages_ready":0,"messages_unacknowledged":%d}]
               """.formatted(type, dead, type, unackedTasks);
    }

    /** No broker, only what {@code rabbitmqctl} says of one. */
    private record SaidByCtl(Queue<String> answers) implements RabbitMqNode {
        @Override
        public String url() {
            return "amqp://127.0.0.1:1/";
        }

        @Override
        public String host() {
            return "127.0.0.1:1";
        }

        @Override
        public String name() {
            return "none";
        }

        @Override
        public boolean isRunning() {
            return false;
        }

        @Override
        public String ctl(String... arguments) {
            return answers.remove();
        }

        @Override
        public void freeze() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void thaw() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void stop() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void kill() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void startAgain() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }
    }
}
