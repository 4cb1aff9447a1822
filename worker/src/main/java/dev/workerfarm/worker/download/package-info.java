@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.download;
