package dev.workerfarm.producer;

import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.json.Json;
import dev.workerfarm.message.ControlCodec;
import dev.workerfarm.message.ControlMessage.Revoke;
import dev.workerfarm.message.ControlMessage.Revoke.Running;
import dev.workerfarm.pool.PoolConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code producer revoke}: tasks that nobody wants any more. */
@Command(
        name = "revoke",
        description = "Has tasks not run any more: what has not begun does not begin, what runs is interrupted.",
        footer = {
            "",
            "An ID is a task's, a map's, or MAP:INDEX for one of its items. The caller gets",
            "a TaskRevokedError. What has ended is not undone, and a task that ignores the",
            "interrupt runs to its end without effect on shared state, unless --hard.",
            "",
            "Redis keeps the ids for 7 days for workers that are not there now. Without",
            "Redis only those that are connected hear of it, and the exit code is 3.",
            "",
            "Examples:",
            "  producer revoke 5e1c6a8e-90f3-4a5b-8f0c-0d7c3a9f2b11",
            "  producer map sleep -i ms.txt --detach > ids; producer revoke $(cat ids)",
            "  producer revoke ID --hard"
        })
final class RevokeCommand implements Callable<Integer> {
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final int MAX_ID_BYTES = 255;

    private final Console console;

    @Parameters(paramLabel = "ID", arity = "1..*", description = "Of tasks, maps, or items of maps.")
    private List<String> ids = List.of();

    @Option(
            names = "--hard",
            description = "End the process of a task that runs on for a second after its interrupt."
                    + " What else runs in that process runs again elsewhere. Not without Redis.")
    private boolean hard;

    @Option(names = "--json", description = "Print one object: stored (in Redis), told (the workers).")
    private boolean json;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description =
                    "How long to wait for a broker that takes no messages (exit code 4). Default: ${DEFAULT-VALUE}")
    private Duration timeout = Duration.ofSeconds(10);

    @Option(names = "--verbose", description = "Stack traces and a debug log on standard error.")
    @SuppressWarnings("UnusedVariable") // the ErrorReport asks picocli for it
    private boolean verbose;

    RevokeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        for (var id : ids) {
            if (id.isEmpty() || id.getBytes(StandardCharsets.UTF_8).length > MAX_ID_BYTES) {
                throw new IllegalArgumentException("an id has 1 to " + MAX_ID_BYTES + " bytes");
            }
        }
        var config = PoolConfig.from(console.environment());
        var withoutRedis = store();
        if (withoutRedis != null && hard) {
            throw withoutRedis; // whoever takes the task of a killed process would run it
        }
        try {
            tell(config);
        } catch (BrokerUnreachableException e) {
            if (withoutRedis == null) {
                console.say("kept in Redis: workers hear of it when they connect to the broker again");
            }
            throw e;
        }
        if (json) {
            var line = new LinkedHashMap<String, Boolean>();
            line.put("stored", withoutRedis == null);
            line.put("told", true);
            DeadSession.print(console, Json.text(line));
        }
        if (withoutRedis != null) {
            console.say("only the workers that are connected now were told: " + withoutRedis.getMessage());
            return ExitCode.UNREACHABLE;
        }
        return ExitCode.OK;
    }

    /** Why it could not be stored, or null: it is. */
    private @Nullable RedisUnreachableException store() {
        try (var session = SharedSession.open(console, json, ANSWER)) {
            session.state().revoked().add(ids);
            return null;
        } catch (RedisUnreachableException e) {
            return e;
        }
    }

    private void tell(PoolConfig config) throws InterruptedException {
        try (var publisher = ConfirmedPublisher.open(
                config.broker(), "revoke", new Topology(config.names(), List.of()), Revoke.MAX_IDS, fault -> {})) {
            List<CompletableFuture<Void>> confirmed = new ArrayList<>();
            for (int from = 0; from < ids.size(); from += Revoke.MAX_IDS) {
                var some = ids.subList(from, Math.min(ids.size(), from + Revoke.MAX_IDS));
                var message = ControlCodec.encode(new Revoke(some, hard ? Running.IS_KILLED : Running.IS_INTERRUPTED));
                confirmed.add(publisher.broadcast(config.names().control(), message, timeout));
            }
            CompletableFuture.allOf(confirmed.toArray(new CompletableFuture<?>[0]))
                    .get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new PublishTimeoutException("the broker takes no message: the workers were not told", e);
        } catch (ExecutionException e) {
            throw new PublishException("the workers were not told: " + e.getMessage(), e);
        }
    }
}
