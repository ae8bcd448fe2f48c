import { Component, Fragment, type ReactNode } from "react";

interface MessageBoundaryProps {
  /** The message's text, to be shown plainly where its own form fails. */
  text: string;
  children: ReactNode;
}

interface MessageBoundaryState {
  error: unknown;
  /** How often the message was put together anew. */
  attempt: number;
}

/** A page that is changed by others again and again is not put together more often than this. */
const ATTEMPTS = 3;

/**
 * Keeps the chat alive where one message cannot be shown. A page translator or another extension may have changed
 * the elements of a message: then a new set of them takes the place of the old. All else is a fault of the message,
 * whose text is shown plainly.
 */
export class MessageBoundary extends Component<MessageBoundaryProps, MessageBoundaryState> {
  override state: MessageBoundaryState = { error: null, attempt: 0 };

  static getDerivedStateFromError(error: unknown): Partial<MessageBoundaryState> {
    return { error };
  }

  override componentDidCatch(error: unknown): void {
    const isDisturbed = error instanceof DOMException;
    if (isDisturbed && this.state.attempt < ATTEMPTS) {
      this.setState(({ attempt }) => ({ error: null, attempt: attempt + 1 }));
    }
  }

  override render(): ReactNode {
    const { error, attempt } = this.state;
    if (error === null) return <Fragment key={attempt}>{this.props.children}</Fragment>;
    return (
      <article className="rounded-xl border border-line p-3">
        <p className="mb-1 text-xs text-muted">This message cannot be shown as it should be. This is its text:</p>
        <p dir="auto" className="break-words whitespace-pre-wrap">
          {this.props.text}
        </p>
      </article>
    );
  }
}
