package dev.workerfarm.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.lab.node.RabbitMqNode;
import dev.workerfarm.worker.Worker;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test class's own RabbitMQ and Redis, to be restarted, killed and frozen, and a farm with workers on them: a static
 * extension, from before the first test until after the last. When a test fails it says what queues and workers do. The
 * tests of the class run one at a time.
 */
public final class PrivateFarm implements BeforeAllCallback, AfterAllCallback, AfterTestExecutionCallback {
    private final int processes;
    private final int downloaders;
    private @Nullable RabbitMqNode rabbitMq;
    private @Nullable PrivateRedis redis;
    private @Nullable TestFarm farm;
    private @Nullable Worker workers;

    private PrivateFarm(int processes, int downloaders) {
        this.processes = processes;
        this.downloaders = downloaders;
    }

    /** With so many workers of each lane. */
    public static PrivateFarm withWorkers(int processes, int downloaders) {
        return new PrivateFarm(processes, downloaders);
    }

    public RabbitMqNode rabbitMq() {
        return Objects.requireNonNull(rabbitMq);
    }

    public PrivateRedis redis() {
        return Objects.requireNonNull(redis);
    }

    public TestFarm farm() {
        return Objects.requireNonNull(farm);
    }

    public Worker workers() {
        return Objects.requireNonNull(workers);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        // Where they are installed, not to start is a failure.
        assumeTrue(
                PrivateRabbitMq.isInstalled() && PrivateRedis.isInstalled(),
                "no rabbitmq-server or redis-server installed on this machine, so there is none to be troubled");
        rabbitMq = Services.ownRabbitMq();
        redis = PrivateRedis.start();
        farm = TestFarm.on(rabbitMq.url(), redis.url(), context.getRequiredTestClass());
        workers = farm.startWorkers(processes, downloaders);
    }

    @Override
    public void afterTestExecution(ExtensionContext context) throws InterruptedException {
        if (context.getExecutionException().isPresent()) {
            System.err.println(context.getDisplayName() + " failed\n" + state());
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (workers != null) {
            workers.close();
        }
        if (redis != null) {
            redis.close();
        }
        if (rabbitMq != null) {
            rabbitMq.close();
        }
    }

    /** What queues, connections and workers do now; takes seconds. */
    private String state() throws InterruptedException {
        var text = new StringBuilder();
        try {
            text.append(rabbitMq().ctl("list_queues", "name", "messages_ready", "messages_unacknowledged", "consumers"))
                    .append(rabbitMq().ctl("list_connections", "name", "state"));
        } catch (IllegalStateException e) { // the node is down, or frozen
            text.append(e.getMessage());
        }
        if (workers != null) {
            text.append("workers ")
                    .append(workers.pids())
                    .append(workers.awaitReady(Duration.ZERO) ? " consume" : " do not all consume");
        }
        return text.toString();
    }
}
