package dev.workerfarm.testkit;

import dev.workerfarm.pool.Pool;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.worker.Worker;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test class's own farm on the shared services, whatever they are, with workers, a pool and its shared state: a static
 * extension, from before the first test until after the last.
 */
public final class ContractFarm implements BeforeAllCallback, AfterAllCallback {
    private final int processes;
    private final int downloaders;
    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private @Nullable TestFarm farm;
    private @Nullable Worker workers;
    private @Nullable Pool pool;
    private @Nullable RedisSharedState shared;

    private ContractFarm(int processes, int downloaders) {
        this.processes = processes;
        this.downloaders = downloaders;
    }

    /** With so many workers of each lane. */
    public static ContractFarm withWorkers(int processes, int downloaders) {
        return new ContractFarm(processes, downloaders);
    }

    public TestFarm farm() {
        return Objects.requireNonNull(farm);
    }

    public Worker workers() {
        return Objects.requireNonNull(workers);
    }

    public Pool pool() {
        return Objects.requireNonNull(pool);
    }

    public RedisSharedState shared() {
        return Objects.requireNonNull(shared);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        farm = start(TestFarm.onSharedServices(context.getRequiredTestClass()));
        workers = start(farm.startWorkers(processes, downloaders));
        shared = start(farm.shared());
        pool = start(farm.connect());
    }

    private <T extends AutoCloseable> T start(T part) {
        started.push(part);
        return part;
    }

    /** Closes what was started, the last first. */
    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        while (!started.isEmpty()) {
            started.pop().close();
        }
    }
}
