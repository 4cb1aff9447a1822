package dev.workerfarm.worker.parent;

import dev.workerfarm.worker.link.ParentLink;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** A child process without a lane: it says that it consumes, and ends with its parent. */
final class StubChild {
    private StubChild() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        if (Boolean.getBoolean("stub.leftover")) {
            new ProcessBuilder("sleep", "60").inheritIO().start();
        }
        System.out.println("READY is what a task may print, or ENDING");
        var gone = new CountDownLatch(1);
        var link = ParentLink.open();
        link.watch(gone::countDown);
        link.ready(true);
        gone.await();
    }
}
