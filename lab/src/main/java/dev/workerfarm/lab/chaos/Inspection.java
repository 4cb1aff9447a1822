package dev.workerfarm.lab.chaos;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.json.Json;
import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.lab.node.RabbitMqNode;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.task.TaskQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Whether Redis and the broker are as they must be after a storm, the queues empty within {@code settledWithin}. */
record Inspection(
        RedisSharedState shared, RabbitMqNode broker, QueueNames names, QueueType queueType, Duration settledWithin) {
    private static final Duration QUORUM_STALE = Duration.ofSeconds(7); // RabbitMQ's quorum_tick_interval is 5 s
    private static final int MOST_ELEMENTS = 5;
    private static final Long NONE = 0L;

    /** What is not as it must be after tasks with the numbers from 0 on. */
    List<String> differences(long tasks) {
        List<String> differences = new ArrayList<>();
        count(tasks, differences);
        queues(differences);
        return differences;
    }

    private void count(long tasks, List<String> differences) {
        var total = shared.value(StormTask.TOTAL).getLong();
        if (total != tasks) {
            differences.add("total is " + total + ", not " + tasks + ": " + (total - tasks));
        }
        var elements = shared.array(StormTask.ARRAY).toList();
        var wrong = 0;
        for (int i = 0; i < elements.size(); i++) {
            var expected = tasks / StormTask.ELEMENTS + (i < tasks % StormTask.ELEMENTS ? 1 : 0);
            if (elements.get(i).longValue() != expected && ++wrong <= MOST_ELEMENTS) {
                differences.add("element " + i + " is " + elements.get(i) + ", not " + expected);
            }
        }
        if (wrong > MOST_ELEMENTS) {
            differences.add((wrong - MOST_ELEMENTS) + " more elements of " + elements.size() + " are wrong");
        }
    }

    private void queues(List<String> differences) {
        var start = System.nanoTime();
        var stale = queueType == QueueType.quorum ? QUORUM_STALE : Duration.ZERO;
        List<String> wrong;
        Duration elapsed;
        do {
            elapsed = Duration.ofNanos(System.nanoTime() - start);
            wrong = wrongQueues(); // takes a second or two itself
        } while (elapsed.compareTo(wrong.isEmpty() ? stale : settledWithin) < 0);
        differences.addAll(wrong);
    }

    private List<String> wrongQueues() {
        var answer = broker.ctl(
                "list_queues", "--formatter", "json", "name", "type", "messages_ready", "messages_unacknowledged");
        List<String> wrong = new ArrayList<>();
        Set<Object> missing = new HashSet<>(Set.of(names.dead(), names.of(TaskQueue.TASKS)));
        for (var each : (List<?>) Objects.requireNonNull(Json.read(answer))) {
            var queue = (Map<?, ?>) each;
            var name = queue.get("name");
            if (missing.remove(name) && !queueType.name().equals(queue.get("type"))) {
                wrong.add("queue " + name + " is " + queue.get("type") + ", not " + queueType);
            }
            if (!NONE.equals(queue.get("messages_ready")) || !NONE.equals(queue.get("messages_unacknowledged"))) {
                wrong.add("queue " + name + " has " + queue.get("messages_ready") + " messages ready and "
                        + queue.get("messages_unacknowledged") + " unacked");
            }
        }
        missing.forEach(name -> wrong.add("queue " + name + " is not there"));
        return wrong;
    }
}
