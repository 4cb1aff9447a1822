import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.local.LocalFarm;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The task on a farm inside this JVM: with a broker, a Redis and all that happens to a task on its way, and no process. */
class GreetTaskTest {
    private static LocalFarm farm;

    @BeforeAll
    static void start() {
        farm = LocalFarm.builder().workers(2).tasks(GreetTask.class).inThreads().start();
    }

    @AfterAll
    static void stop() {
        farm.close();
    }

    @Test
    void greets() {
        assertEquals("Hello Ada", farm.pool().apply(Greet.TYPE, "Ada"));
        assertEquals(List.of("Hello Alan", "Hello Grace"), farm.pool().map(Greet.TYPE, List.of("Alan", "Grace")));
    }

    @Test
    void aFailureIsThrownToTheCaller() {
        var failure = assertThrows(TaskFailedException.class, () -> farm.pool().apply(Greet.TYPE, " "));

        assertEquals("nobody to greet", failure.text());
    }
}
