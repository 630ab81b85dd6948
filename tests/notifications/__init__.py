"""The page with what people were told, what the script asks for, and mails."""
