import dev.workerfarm.pool.Pool;
import java.time.Duration;
import java.util.List;

/** Calls the task; any number of these may run, on any machine that reaches the broker. */
public final class Caller {
    private Caller() {}

    public static void main(String[] args) {
        try (Pool pool = Pool.fromEnvironment()) {
            var greet = pool.task(Greet.TYPE).timeout(Duration.ofSeconds(30));
            System.out.println(greet.call(new Greet("Ada")));
            System.out.println(greet.map(List.of("Alan", "Grace")));
        }
    }
}
