package dev.workerfarm.it;

import static dev.workerfarm.testkit.TestFarm.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workerfarm.testkit.Services;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.worker.Worker;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Python's own Celery client (Debian's python3-celery) with our workers: what it sends is run, what we answer it
 * understands. On RabbitMQ alone: the embedded broker lacks what Celery declares.
 */
@Timeout(120)
class CeleryClientIT {
    private static final String PYTHON = "/usr/bin/python3";

    private static TestFarm farm;
    private static Worker workers;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of(PYTHON))
                        && run(Path.of("."), "import celery").exit() == 0,
                "no Celery for " + PYTHON + ": apt-get install python3-celery");
        assumeTrue(Services.shared().isRabbitMq(), "a Celery client wants a RabbitMQ: " + Services.shared());
        farm = TestFarm.onSharedServices(CeleryClientIT.class);
        workers = farm.startWorkers(1, 0);
    }

    @AfterAll
    static void stop() {
        if (workers != null) {
            workers.close();
        }
        if (farm != null) {
            farm.close();
        }
    }

    @Test
    void getsTheResultOfATask() throws Exception {
        assertThat(celery("print(app.send_task('square', args=[10], queue=QUEUE).get(timeout=10))"))
                .isEqualTo("100");
        assertThat(celery("print(app.send_task('square', kwargs={'n': 2**80}, queue=QUEUE).get(timeout=10) == 2**160)"))
                .isEqualTo("True");
        assertThat(
                        celery(
                                "print(app.send_task('echo', [1, 1.0, None, 'é'], {'k': [True]}, queue=QUEUE).get(timeout=10))"))
                .isEqualTo("[[1, 1.0, None, 'é'], {'k': [True]}]");
    }

    @Test
    void raisesWhatOurTasksRaise() throws Exception {
        assertThat(celery("""
                for name, args in [('square', ['x']), ('square', []), ('no_such_task', []), ('fail', ['its own text'])]:
                    try:
                        app.send_task(name, args=args, queue=QUEUE).get(timeout=10)
                    except Exception as e:
                        print(type(e).__name__, type(e).__module__, str(e), sep='|')
                """).lines())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("TypeError|builtins|square() argument 'n' must be a number"),
                        line -> assertThat(line).isEqualTo("TypeError|builtins|square() missing required argument 'n'"),
                        line -> assertThat(line)
                                .startsWith("NotRegistered|celery.exceptions|")
                                .contains("no_such_task"),
                        line -> assertThat(line).endsWith("its own text"));
    }

    @Test
    void getsAGroupOfTen() throws Exception {
        assertThat(celery("""
                from celery import group
                job = group(app.signature('square', args=[n], queue=QUEUE) for n in range(10))
                print(job.apply_async().get(timeout=10))
                """)).isEqualTo("[0, 1, 4, 9, 16, 25, 36, 49, 64, 81]");
    }

    @Test
    void mayCompressItsMessages() throws Exception {
        assertThat(celery("print(app.send_task('square', args=[10], queue=QUEUE, compression='zlib').get(timeout=10))"))
                .isEqualTo("100");
    }

    @Test
    void mayIgnoreTheResult() throws Exception {
        assertThat(celery("app.send_task('square', args=[10], queue=QUEUE, ignore_result=True)\n"
                        + "print(app.send_task('square', args=[4], queue=QUEUE).get(timeout=10))"))
                .isEqualTo("16");
    }

    @Test
    void sendsAPickleToTheDeadLettersAndTheWorkerSurvives() throws Exception {
        var id = celery("print(app.send_task('square', args=[10], queue=QUEUE, serializer='pickle').id)");

        var letter = farm.awaitDeadLetter(id);
        assertThat(header(letter, "farm-dead-reason")).isEqualTo("undecodable");
        assertThat(letter.getProps().getContentType()).isEqualTo("application/x-python-serialize");
        assertThat(celery("print(app.send_task('square', args=[10], queue=QUEUE).get(timeout=10))"))
                .isEqualTo("100");
    }

    @Test
    void mayAskForALaterRunAndForNoneThatComesTooLate() throws Exception {
        assertThat(celery("""
                import time
                began = time.time()
                later = app.send_task('square', args=[10], queue=QUEUE, countdown=1, expires=60)
                late = app.send_task('square', args=[10], queue=QUEUE, countdown=2, expires=1.5)
                print(later.get(timeout=10), 1 <= time.time() - began < 5)
                try:
                    late.get(timeout=10)
                except Exception as e:
                    print(type(e).__name__, type(e).__module__, str(e), sep='|')
                """)).isEqualTo("100 True\nTaskRevokedError|celery.exceptions|expired");
    }

    @Test
    void maySayWhenItsTaskIsRunAgain() throws Exception {
        var id = celery("""
                failed = app.send_task('fail', args=['again'], queue=QUEUE,
                    headers={'farm-retry': {'attempts': 3, 'first_ms': 0, 'jitter': 0.5, 'only': ['IllegalStateException']}})
                try:
                    failed.get(timeout=10)
                except Exception:
                    print(failed.id)
                """);

        var letter = farm.awaitDeadLetter(id);
        assertThat(header(letter, "farm-dead-reason")).isEqualTo("retries-exhausted");
        assertThat(header(letter, "retries")).isEqualTo("2");
    }

    @Test
    void maySayHowLongItsTaskMayTake() throws Exception {
        assertThat(celery("""
                for limits in [{'soft_time_limit': 0.2, 'time_limit': 60}, {'time_limit': 1}]:
                    try:
                        app.send_task('sleep', args=[60000], queue=QUEUE, **limits).get(timeout=20)
                    except Exception as e:
                        print(type(e).__name__, *e.args, sep='|')
                """))
                .isEqualTo("SoftTimeLimitExceeded|it took longer than its soft time limit of 200 ms\n"
                        + "TimeLimitExceeded|it took longer than its hard time limit of 1000 ms");
    }

    private String celery(String code) throws Exception {
        // Kombu takes one trailing slash for the vhost '', two for the vhost '/'.
        var url = Services.shared().amqpUrl();
        var run = run(folder, """
                import sys
                from celery import Celery
                sys.stdout.reconfigure(encoding='utf-8')
                QUEUE = '%s'
                app = Celery(broker='%s', backend='rpc://')
                """.formatted(farm.tasks(), url.endsWith("/") ? url + "/" : url) + code);
        assertThat(run.exit()).as(run.output()).isZero();
        return run.output().strip();
    }

    private record Run(int exit, String output) {}

    private static Run run(Path folder, String code) throws IOException, InterruptedException {
        var script = Files.createTempFile("workerfarm-celery-", ".py");
        var output = Files.createTempFile("workerfarm-celery-", ".out");
        try {
            Files.writeString(script, code);
            var process = new ProcessBuilder(PYTHON, script.toString())
                    .directory(folder.toFile())
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("Python does not end:\n" + Files.readString(output));
            }
            return new Run(process.exitValue(), Files.readString(output));
        } finally {
            Files.delete(script);
            Files.delete(output);
        }
    }
}
