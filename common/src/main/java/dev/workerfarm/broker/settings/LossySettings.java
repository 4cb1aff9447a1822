package dev.workerfarm.broker.settings;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.Dialect;
import dev.workerfarm.broker.PresentConnection;
import dev.workerfarm.broker.SupervisedConnection.OpenConnection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Settings of queues by which a broker loses messages: arguments, which a refused declaration names, and policies, which
 * RabbitMQ's management API alone tells (RabbitMQ documentation "Policies").
 *
 * @param warnings one sentence for each: queue, setting, what it does, what to do
 * @param seesPolicies whether policies were looked at; true too on a broker that has none
 */
public record LossySettings(List<String> warnings, boolean seesPolicies) {
    /** Below it a worker that dies or stops may return a message once too often; RabbitMQ 4's default. */
    private static final long LEAST_DELIVERY_LIMIT = 20;

    private static final int MOST_ARGUMENTS = 20;
    private static final Pattern INEQUIVALENT = Pattern.compile(
            "inequivalent arg '([^']+)' for queue .* current is (?:the value )?'([^']*)'(?: of type '(\\w+)')?.*");

    public LossySettings {
        warnings = List.copyOf(warnings);
    }

    /** Looks at the queues that are there. Changes nothing. */
    public static LossySettings of(OpenConnection connection, ManagementClient management, List<String> queues)
            throws IOException, InterruptedException {
        if (connection.dialect() == Dialect.BROKER_J) {
            return new LossySettings(List.of(), true);
        }
        List<String> there = new ArrayList<>();
        for (var queue : queues) {
            if (PresentConnection.find(connection, queue) != null) {
                there.add(queue);
            }
        }
        var described = management.queues(connection.serverProperty("cluster_name"), there);
        List<String> warnings = new ArrayList<>();
        for (var queue : there) {
            var fields = described == null ? Map.of() : described.getOrDefault(queue, Map.of());
            var policy = fields.get("effective_policy_definition") instanceof Map<?, ?> map ? map : Map.of();
            var arguments = arguments(connection, queue);
            var overflow = String.valueOf(policy.get("overflow")) + arguments.get("overflow");
            for (var problem : problems(arguments, overflow)) {
                warnings.add(queue + ": its argument " + problem);
            }
            for (var problem : problems(policy, overflow)) {
                warnings.add(queue + ": the policy " + name(fields) + " with " + problem);
            }
        }
        // A queue that is new has them with its first statistics, some seconds later.
        var seesPolicies = described != null
                && described.values().stream().allMatch(fields -> fields.containsKey("effective_policy_definition"));
        return new LossySettings(warnings, seesPolicies);
    }

    private static String name(Map<?, ?> fields) {
        var names = new ArrayList<String>();
        for (var key : List.of("policy", "operator_policy")) {
            if (fields.get(key) instanceof String name && !name.isEmpty()) {
                names.add("'" + name + "'");
            }
        }
        return String.join(" or ", names);
    }

    private static List<String> problems(Map<?, ?> settings, String overflow) {
        List<String> problems = new ArrayList<>();
        settings.forEach((key, value) -> {
            var problem = problem(String.valueOf(key), value, overflow);
            if (problem != null) {
                problems.add(key + "=" + value + " " + problem);
            }
        });
        return problems;
    }

    private static @Nullable String problem(String setting, Object value, String overflow) {
        return switch (setting) {
            case "max-length", "max-length-bytes" ->
                overflow.contains("reject-publish")
                        ? null
                        : "drops the oldest messages when the queue is full: set overflow to reject-publish, or take it away";
            case "expires" ->
                "deletes the queue with its messages when no worker has consumed it for so many ms: take it away";
            case "message-ttl" -> "drops messages that wait for a worker for so many ms: take it away";
            case "delivery-limit" ->
                value instanceof Number limit && limit.longValue() >= 0 && limit.longValue() < LEAST_DELIVERY_LIMIT
                        ? "drops a message that came back so often, as from workers that stop: set "
                                + LEAST_DELIVERY_LIMIT + " or more, or -1"
                        : null;
            case "dead-letter-exchange" ->
                "takes messages that the broker drops to where the farm does not look: take it away";
            case "durable" -> "loses the queue when the broker restarts: declare it durable";
            case "auto-delete" ->
                "deletes the queue with its messages when the last worker has gone: declare it without";
            case "single-active-consumer" -> "gives tasks to one worker process at a time: declare it without";
            default -> null;
        };
    }

    /** What a queue was declared with; a declaration that differs is refused, and changes nothing. */
    private static Map<String, Object> arguments(OpenConnection connection, String queue) throws IOException {
        Map<String, Object> found = new HashMap<>();
        Map<String, Object> arguments = new HashMap<>();
        for (var tries = 0; tries < MOST_ARGUMENTS; tries++) {
            var probe = connection.openProbe();
            try {
                var durable = !found.containsKey("durable");
                probe.queueDeclare(queue, durable, false, found.containsKey("auto-delete"), arguments);
                return found;
            } catch (IOException e) {
                var difference = difference(e);
                if (difference == null || found.putIfAbsent(difference.getKey(), difference.getValue()) != null) {
                    return found;
                }
                if (!List.of("durable", "auto-delete").contains(difference.getKey())) {
                    arguments.put("x-" + difference.getKey(), difference.getValue());
                }
            } finally {
                probe.abort();
            }
        }
        return found;
    }

    /** The first argument that is another one, and its value; null: it was refused for another reason. */
    private static Map.@Nullable Entry<String, Object> difference(IOException refusal) {
        if (!PresentConnection.isRefused(refusal, AMQP.PRECONDITION_FAILED)
                || !(refusal.getCause() instanceof ShutdownSignalException signal)
                || !(signal.getReason() instanceof AMQP.Channel.Close close)) {
            return null;
        }
        var matcher = INEQUIVALENT.matcher(close.getReplyText().replaceFirst("^[A-Z_]+ - ", ""));
        if (!matcher.matches()) {
            return null;
        }
        var name = matcher.group(1).replaceFirst("^x-", "").replace('_', '-');
        var text = matcher.group(2);
        var type = String.valueOf(matcher.group(3));
        return Map.entry(name, value(text, type));
    }

    private static Object value(String text, String type) {
        if (type.equals("longstr")) {
            return text;
        }
        return text.matches("-?[0-9]{1,18}") ? (Object) Long.parseLong(text) : Boolean.parseBoolean(text);
    }
}
