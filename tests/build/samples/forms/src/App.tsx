import { useForm } from "react-hook-form";
import { z } from "zod";
import styles from "./App.module.css";

const Contact = z.object({ name: z.string().min(1), email: z.string().email() });
type Contact = z.infer<typeof Contact>;

export default function App() {
  const { register, handleSubmit, formState } = useForm<Contact>();
  const send = (values: Contact) => {
    Contact.parse(values);
  };
  return (
    <form className={styles.form} onSubmit={handleSubmit(send)}>
      <input {...register("name")} />
      <input type="email" {...register("email")} />
      {formState.errors.email && <p>{formState.errors.email.message}</p>}
      <button type="submit">Send</button>
    </form>
  );
}
