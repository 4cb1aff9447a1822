package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.error.NestedCallRefused;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.local.LocalFarm;
import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.task.TaskType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks that call tasks, with as many of them as run at a time: none waits for what can never run. */
@Timeout(120)
class NestedCallIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final List<String> WAITING = List.of("apply", "map", "imap", "get", "mapAsync", "join");
    private static final TaskType<Square, Number> INNER = Square.TYPE.on(TaskQueue.named("inner", 1));

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void asManyTasksAsProcessesThatWaitForTheirOwnLaneAreRefusedAndOthersGoOn(boolean inThreads) {
        var builder = LocalFarm.builder()
                .workers(2)
                .tasks(NestingTask.class)
                .variables(Map.of("FARM_DOWNLOADERS", "0", "FARM_LANES", "inner:1"));
        try (var farm = (inThreads ? builder.inThreads() : builder).start()) {
            NestingTask.ENVIRONMENT.set(inThreads ? farm.environment() : null);
            var refused = Stream.concat(WAITING.stream(), WAITING.stream())
                    .map(call -> farm.pool().applyAsync(NestingTask.TYPE, call))
                    .toList();

            assertThat(refused)
                    .allSatisfy(result -> assertThat(result)
                            .extracting(NestedCallIT::failure)
                            .asString()
                            .startsWith("NestedCallRefused: ")
                            .contains("TaskQueue.named", "publish"));
            assertThat(farm.pool().applyAsync(Square.TYPE, 2).get(Duration.ofSeconds(5)))
                    .isEqualTo(4L);

            for (var allowed : List.of("other lane", "publish", "poll")) {
                assertThat(farm.pool().applyAsync(NestingTask.TYPE, allowed).get(SOON))
                        .as(allowed)
                        .isEqualTo(9L);
            }
            // Not a lane's thread.
            assertThat(farm.pool().apply(Square.TYPE, 3)).isEqualTo(9L);
        }
    }

    private static String failure(AsyncResult<Long> result) {
        try {
            return "none but " + result.get(SOON);
        } catch (TaskFailedException e) {
            return e.type() + ": " + e.text();
        }
    }

    /** Calls the task that its argument says how to call; its result is 9. */
    static final class NestingTask implements Task<NestingTask.Nesting, Long> {
        static final TaskType<Nesting, Long> TYPE = TaskType.of("test.nesting", Nesting.class, Long.class);
        /** Of the farm in this JVM; null: the process's own. */
        private static final AtomicReference<Map<String, String>> ENVIRONMENT = new AtomicReference<>();

        record Nesting(String call) {}

        @Override
        public TaskType<Nesting, Long> type() {
            return TYPE;
        }

        @Override
        public Long run(Nesting args, TaskContext context) throws Exception {
            var environment = ENVIRONMENT.get() == null ? System.getenv() : ENVIRONMENT.get();
            try (var pool = Pool.builder().environment(environment).connect()) {
                return call(pool, args.call()).longValue();
            }
        }

        private static Number call(Pool pool, String call) throws InterruptedException {
            return switch (call) {
                case "apply" -> pool.apply(Square.TYPE, 3);
                case "map" -> pool.map(Square.TYPE, List.of(3)).get(0);
                case "imap" -> pool.imap(Square.TYPE, List.of(3)).next();
                case "get" -> cancelled(pool.applyAsync(Square.TYPE, 3));
                case "mapAsync" ->
                    cancelled(pool.mapAsync(Square.TYPE, List.of(3))).get(0);
                case "join" -> {
                    pool.applyAsync(TYPE, "sleep");
                    pool.close();
                    pool.join();
                    yield 0;
                }
                case "other lane" -> pool.apply(INNER, 3);
                case "publish" -> {
                    pool.task(Square.TYPE).publish(3).get();
                    yield 9;
                }
                case "poll" -> {
                    var result = pool.applyAsync(Square.TYPE, 3);
                    while (!result.ready()) {
                        Thread.sleep(10);
                    }
                    yield result.get();
                }
                default -> {
                    Thread.sleep(300);
                    yield 9;
                }
            };
        }

        private static <T> T cancelled(AsyncResult<T> result) {
            try {
                return result.get();
            } catch (NestedCallRefused e) {
                result.cancel();
                throw e;
            }
        }
    }
}
