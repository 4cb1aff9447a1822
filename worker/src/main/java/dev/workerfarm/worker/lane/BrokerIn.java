package dev.workerfarm.worker.lane;

import dev.workerfarm.broker.SupervisedConnection;
import dev.workerfarm.worker.control.ControlConsumer;
import dev.workerfarm.worker.control.StatusReporter;
import dev.workerfarm.worker.delivery.BrokerTaskConnection;
import dev.workerfarm.worker.delivery.Renewal;
import dev.workerfarm.worker.delivery.TaskConsumer;
import dev.workerfarm.worker.link.ParentLink;
import dev.workerfarm.worker.run.Gate;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A lane's way in: the consuming connection, with the tasks and the control messages that come by it. */
record BrokerIn(TaskConsumer consumer, ControlConsumer control, SupervisedConnection connection)
        implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerIn.class);
    /** The management API knows the policies of new queues a little later. */
    private static final Duration SECOND_LOOK = Duration.ofSeconds(10);

    private static final Duration KILL_REVOKED_AFTER = Duration.ofSeconds(1);

    /** Connects and begins to consume. */
    static BrokerIn start(LaneCore core, RedisSide redis, BrokerOut out, RunSide runs, ParentLink link) {
        var profile = core.profile;
        var topology = core.config.topology();
        var consumer = consumer(core, out, link);
        var status = new StatusReporter(
                profile,
                runs.taskNames(),
                core.activity,
                () -> core.inbox.size() + runs.parked().count(),
                () -> troubles(redis, out, runs),
                consumer,
                out.publisher(),
                System.currentTimeMillis());
        Consumer<List<Gate>> killWanted = gates -> core.prompt.once(
                KILL_REVOKED_AFTER, "kill revoked", () -> endIfRunning(gates, runs.endAtHardLimit()), core.end);
        var control = new ControlConsumer(topology, core.revocations, killWanted, status::report);
        var session = new SupervisedConnection.Session() {
            private boolean looks = profile.isFirst();

            @Override
            public void opened(SupervisedConnection.OpenConnection connection) throws IOException {
                control.subscribe(connection);
                redis.revocationLoader().load(); // revoked before we listened; loaded before anything begins
                consumer.opened(new BrokerTaskConnection(connection, topology));
                out.due().opened(connection);
                if (looks) {
                    looks = false;
                    var settings = new SettingsWarning(core, connection);
                    core.blocking.once(Duration.ZERO, "queue settings", settings::first);
                    core.blocking.once(SECOND_LOOK, "queue policies", settings::second);
                }
            }

            @Override
            public void lost() {
                consumer.lost();
                out.due().lost();
                runs.parked().lost();
                core.blocking.once(Duration.ZERO, "forget charges", redis.charges()::forget);
            }
        };
        var connection = SupervisedConnection.open(
                core.config.broker(), "worker " + profile.workerName() + " consuming", session);
        return new BrokerIn(consumer, control, connection);
    }

    /** What keeps messages from going on, a sentence each. */
    private static List<String> troubles(RedisSide redis, BrokerOut out, RunSide runs) {
        var held = out.held().summary();
        var broker = held == null ? null : "the broker does not take what ended tasks have to say: " + held;
        return Stream.of(redisTrouble(redis, runs), broker)
                .filter(Objects::nonNull)
                .toList();
    }

    /** Why messages wait for Redis; null: it is there. */
    static @Nullable String redisTrouble(RedisSide redis, RunSide runs) {
        var trouble = redis.committer().watch().trouble();
        var parked = runs.parked();
        return trouble == null
                ? null
                : trouble + ": " + parked.count() + " messages wait, " + parked.ended() + " of them have outcomes";
    }

    private static TaskConsumer consumer(LaneCore core, BrokerOut out, ParentLink link) {
        var profile = core.profile;
        var renewal = new Renewal(
                profile.queues(),
                core.config.names(),
                profile.processName(),
                core.config.consumerTimeout(),
                core.inbox,
                out.settler());
        return new TaskConsumer(
                profile.queues(), profile.lane().prefetch(), core.inbox, out.settler(), renewal, link::ready);
    }

    /** Ends the lane where one of these calls has not ended: its message goes back, and is not run again. */
    private static void endIfRunning(List<Gate> gates, Runnable endAtHardLimit) {
        if (gates.stream().anyMatch(Gate::runs)) {
            LOG.warn("a task was revoked and does not end, so this lane does");
            endAtHardLimit.run();
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
