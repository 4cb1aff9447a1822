/** The outcome on its way out: dead letter, reply, stored result. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.answer;
