package dev.workerfarm.worker.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class ParentLinkTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final CountDownLatch gone = new CountDownLatch(1);

    @Test
    void answersQuestionsAndKeepsReportsUntilTheParentEnds() throws InterruptedException {
        var link = link(lines("DIED first\nDIED second\nDIED\nMETRICS\nOTHER\n"));
        link.answer(ParentLink.METRICS, () -> "values");

        link.watch(gone::countDown);

        assertThat(gone.await(10, TimeUnit.SECONDS)).isTrue();
        link.awaitDeaths(Duration.ofSeconds(10));
        assertThat(link.nextDeath()).isEqualTo("first");
        assertThat(link.nextDeath()).isEqualTo("second");
        assertThat(link.nextDeath()).isNull();
        assertThat(written.toString(StandardCharsets.UTF_8).lines()).containsExactly("METRICS values", "OTHER ");
    }

    @Test
    void anAnswerThatFailsDoesNotEndTheWatch() throws InterruptedException {
        var link = link(lines("METRICS\nOTHER\n"));
        link.answer(ParentLink.METRICS, () -> {
            throw new IllegalStateException("on purpose");
        });

        link.watch(gone::countDown);

        assertThat(gone.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(written.toString(StandardCharsets.UTF_8).lines()).containsExactly("OTHER ");
    }

    @ParameterizedTest
    @ValueSource(classes = {IOException.class, IllegalStateException.class, OutOfMemoryError.class})
    void whereTheParentCannotBeReadAnyMoreItIsGone(Class<? extends Throwable> fault) throws InterruptedException {
        var broken = new InputStream() {
            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                if (fault == IOException.class) {
                    throw new IOException("on purpose");
                }
                if (fault == OutOfMemoryError.class) {
                    throw new OutOfMemoryError("on purpose");
                }
                throw new IllegalStateException("on purpose");
            }
        };

        link(new SequenceInputStream(lines("DIED\n"), broken)).watch(gone::countDown);

        assertThat(gone.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private ParentLink link(InputStream in) {
        return new ParentLink(in, new PrintStream(written, true, StandardCharsets.UTF_8)::println);
    }

    private static InputStream lines(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
